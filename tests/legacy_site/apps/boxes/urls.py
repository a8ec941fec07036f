"""One box alone."""

from django.urls import path

from apps.boxes.views import box

urlpatterns = [path("<slug:label>/", box, name="box")]
