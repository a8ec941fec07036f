"""The public posts, and one of them."""

from django.views.generic import DetailView, ListView

from apps.community.models import Post


class Posts(ListView):
    model = Post
    paginate_by = 25

    def get_queryset(self):
        return Post.objects.public()


class Detail(DetailView):
    model = Post

    def get_queryset(self):
        return Post.objects.public()
