"""List pages to compare the gallery with: a ListView as tutorials write it, and django-photologue's."""

from io import BytesIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import include, path
from django.views.generic import ListView
from photologue.models import Photo, PhotoSize
from PIL import Image

from pageant.models import Entry

PHOTOS = 1_000


class Naive(ListView):
    """Pages by OFFSET with a COUNT, and cards made by the template; photos at least are fetched together."""

    queryset = Entry.objects.public().newest_first().prefetch_related("photos")
    paginate_by = 24
    template_name = "naive.html"


urlpatterns = [
    path("naive/", Naive.as_view()),
    path("photologue/", include("photologue.urls")),
]


def fill() -> None:
    """Photos for django-photologue, which all show one file. Their rows are made once, the file in each run."""
    file = BytesIO()
    Image.effect_noise((800, 600), 50).save(file, "JPEG")
    name = default_storage.save("photologue/one.jpg", ContentFile(file.getvalue()))
    if Photo.objects.exists():
        return
    PhotoSize.objects.get_or_create(name="thumbnail", defaults={"width": 100, "height": 75, "crop": True})
    photos = [Photo(title=f"Photo {number}", slug=f"photo-{number}", image=name) for number in range(PHOTOS)]
    Photo.objects.bulk_create(photos)
    through = Photo.sites.through
    through.objects.bulk_create(through(photo_id=photo.pk, site_id=1) for photo in photos)
