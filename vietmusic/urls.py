"""The site's URLs: English at the root, Vietnamese under /vi/."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from pageant.urls import media_patterns, own_patterns, sponsor_patterns
from privacy.views.cookies import gpc
from suggestions.urls import own_patterns as own_websites
from vietmusic import dev, sitemap, views

handler400 = "core.http.errors.bad_request"
handler403 = "core.http.errors.forbidden"
handler404 = "core.http.errors.not_found"
handler500 = "core.http.errors.server_error"

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", sitemap.index, name="sitemap"),
    path("sitemap-pages.xml", sitemap.pages, name="sitemap-pages"),
    path("sitemap-<slug:name>-<int:number>.xml", sitemap.part, name="sitemap-part"),
    path("favicon.ico", RedirectView.as_view(url=f"{settings.STATIC_URL}favicon.svg"), name="favicon"),
    path(".well-known/security.txt", views.security_txt, name="security"),
    path(".well-known/gpc.json", gpc, name="gpc"),
    path("media/", include((media_patterns, "media"))),
    *i18n_patterns(
        path("", views.home, name="home"),
        path("pageants/", include("pageant.urls")),
        path("websites/", include("suggestions.urls")),
        path("privacy/you/<str:token>/entries/", include((own_patterns, "own"))),
        path("privacy/you/<str:token>/websites/", include((own_websites, "own_websites"))),
        path("privacy/sponsors/", include((sponsor_patterns, "sponsors"))),
        path("privacy/", include("privacy.urls")),
        path("admin/", admin.site.urls),
        prefix_default_language=False,
    ),
]

if settings.DEBUG:
    urlpatterns += [
        path("dev/mail/", dev.mail),
        path("dev/mail/<str:name>/", dev.mail_html, name="dev_mail"),
        *i18n_patterns(path("styleguide/", dev.styleguide), prefix_default_language=False),
    ]
