"""Template tags that render public pictures."""

from typing import Any

from django import template
from django.core.files.storage import default_storage

from core.pictures.stored_picture import StoredPicture

register = template.Library()


@register.inclusion_tag("components/photo.html")
def photo(
    picture: StoredPicture, *, sizes: str, alt: str = "", eager: bool = False, first: bool = False, adorns: bool = False
) -> dict[str, Any]:
    """A public picture in all its sizes.

    `sizes` is the attribute of that name: how wide the photo is shown. `alt` stands in for a missing description;
    `eager` is for what may be seen without scrolling, `first` for the one that the page is about; with `adorns` screen
    readers skip it.
    """
    widest = picture.widths[-1]
    return {
        "photo": picture,
        "avif": source_set(picture, "avif"),
        "jpeg": source_set(picture, "jpg"),
        "fallback": rendition_url(picture, picture.widths[min(1, len(picture.widths) - 1)]),
        "width": widest,
        "height": picture.height_at(widest),
        "sizes": sizes,
        "alt": "" if adorns else picture.description or alt,
        "eager": eager,
        "first": first,
    }


@register.inclusion_tag("components/open_graph_picture.html")
def shared_photo(picture: StoredPicture, *, alt: str) -> dict[str, Any]:
    """A public picture as the page's Open Graph image. `alt` stands in for a missing description."""
    widest = picture.widths[-1]
    return {
        "url": rendition_url(picture, widest),
        "width": widest,
        "height": picture.height_at(widest),
        "alt": picture.description or alt,
    }


def rendition_url(picture: StoredPicture, width: int) -> str:
    return default_storage.url(picture.rendition_name(width, "jpg"))


def source_set(picture: StoredPicture, extension: str) -> str:
    return ", ".join(
        f"{default_storage.url(picture.rendition_name(width, extension))} {width}w" for width in picture.widths
    )
