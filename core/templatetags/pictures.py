"""Template tags that render public pictures."""

from collections.abc import Mapping
from html import escape

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from core.pictures.stored_picture import PublicPicture
from core.remembered import remembered_rows

register = template.Library()


FIRST, LAZY = ' fetchpriority="high"', ' loading="lazy" decoding="async"'


@register.simple_tag
def photo(
    picture: PublicPicture, *, sizes: str, alt: str = "", first: bool = False, adorns: bool = False
) -> SafeString:
    """A public picture in all its sizes.

    `sizes` is the attribute of that name: how wide the photo is shown. `alt` stands in for a missing description;
    `first` is for the one that the page is about, which is asked for and drawn at once while others wait
    until they come near; with `adorns` screen readers skip it.
    """
    urls, widths = picture.rendition_urls(), picture.widths
    widest = widths[-1]
    fallback = urls["jpg"][widths[min(1, len(widths) - 1)]]
    words = "" if adorns else picture.description or alt
    # The ground is drawn as SVG, since inline styles are forbidden. Neither a template nor format_html, which take
    # several times as long: a gallery shows dozens of these.
    return mark_safe(  # noqa: S308  all that isn't our own is escaped
        '<span class="photo"><svg class="photo__ground" aria-hidden="true" focusable="false">'
        f'<rect width="100%" height="100%" fill="{escape(picture.colour)}"/></svg>'
        f'<picture><source type="image/avif" srcset="{source_set(urls["avif"])}" sizes="{escape(sizes)}">'
        f'<img src="{escape(fallback)}" srcset="{source_set(urls["jpg"])}" sizes="{escape(sizes)}"'
        f' width="{widest}" height="{picture.height_at(widest)}" alt="{escape(words)}"'
        f"{FIRST if first else LAZY}></picture></span>"
    )


@register.simple_tag
def shared_photo(picture: PublicPicture, *, alt: str) -> SafeString:
    """A public picture as the page's Open Graph image. `alt` stands in for a missing description."""
    widest = picture.widths[-1]
    url, height = picture.rendition_urls()["jpg"][widest], picture.height_at(widest)
    return mark_safe(shared_picture(url, widest, height, picture.description or alt))  # noqa: S308  rendered below


@remembered_rows
def shared_picture(url: str, width: int, height: int, alt: str) -> str:
    fields = {"url": url, "width": width, "height": height, "alt": alt}
    return render_to_string("components/open_graph_picture.html", fields)


def source_set(urls: Mapping[int, str]) -> str:
    return escape(", ".join(f"{url} {width}w" for width, url in urls.items()))
