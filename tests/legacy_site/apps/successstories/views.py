"""Pages of stories: the newest, one of them, one category. Staff see drafts as well."""

from django.views.generic import DetailView, ListView

from apps.successstories.models import Story, StoryCategory


class Categories:
    def get_context_data(self, **values):
        return super().get_context_data(category_list=StoryCategory.objects.all(), **values)


class Stories(ListView):
    context_object_name = "stories"
    template_name = "successstories/story_list.html"

    def get_queryset(self):
        return Story.objects.select_related().latest()


class Detail(Categories, DetailView):
    context_object_name = "story"
    template_name = "successstories/story_detail.html"

    def get_queryset(self):
        stories = Story.objects.select_related()
        return stories if self.request.user.is_staff else stories.published()


class OfCategory(Categories, DetailView):
    model = StoryCategory
