"""A box as it is stored: its rendered column, with nothing around it."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from apps.boxes.models import Box


def box(request, label):
    return HttpResponse(get_object_or_404(Box, label=label).content.rendered)
