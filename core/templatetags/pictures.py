"""Template tags that render public pictures."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from core.pictures.stored_picture import StoredPicture

register = template.Library()


# The ground is drawn as SVG, since inline styles are forbidden. Not a template: a gallery shows dozens of these.
PHOTO = (
    '<span class="photo"><svg class="photo__ground" aria-hidden="true" focusable="false">'
    '<rect width="100%" height="100%" fill="{colour}"/></svg>'
    '<picture><source type="image/avif" srcset="{avif}" sizes="{sizes}">'
    '<img src="{fallback}" srcset="{jpeg}" sizes="{sizes}" width="{width}" height="{height}" alt="{alt}"'
    "{loading}></picture></span>"
)
FIRST, LAZY = mark_safe(' fetchpriority="high"'), mark_safe(' loading="lazy" decoding="async"')


@register.simple_tag
def photo(
    picture: StoredPicture, *, sizes: str, alt: str = "", first: bool = False, adorns: bool = False
) -> SafeString:
    """A public picture in all its sizes.

    `sizes` is the attribute of that name: how wide the photo is shown. `alt` stands in for a missing description;
    `first` is for the one that the page is about, which is asked for and drawn at once while others wait
    until they come near; with `adorns` screen readers skip it.
    """
    urls = picture.rendition_urls()
    widths = picture.widths
    widest = widths[-1]
    return format_html(
        PHOTO,
        colour=picture.colour,
        avif=source_set(urls["avif"]),
        jpeg=source_set(urls["jpg"]),
        fallback=urls["jpg"][widths[min(1, len(widths) - 1)]],
        width=widest,
        height=picture.height_at(widest),
        sizes=sizes,
        alt="" if adorns else picture.description or alt,
        loading=FIRST if first else LAZY,
    )


@register.inclusion_tag("components/open_graph_picture.html")
def shared_photo(picture: StoredPicture, *, alt: str) -> dict[str, Any]:
    """A public picture as the page's Open Graph image. `alt` stands in for a missing description."""
    widest = picture.widths[-1]
    return {
        "url": picture.rendition_urls()["jpg"][widest],
        "width": widest,
        "height": picture.height_at(widest),
        "alt": picture.description or alt,
    }


def source_set(urls: Mapping[int, str]) -> str:
    return ", ".join(f"{url} {width}w" for width, url in urls.items())
