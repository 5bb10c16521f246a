#!/bin/sh
# Makes vietmusic.conf the site of several machines: the name of the site, and where their web processes listen.
# SITE_HOST=vietmusic.example WEBS="web-a:8000 web-b:8000" several.sh vietmusic.conf
set -eu
# One that has failed is tried again after a second: with nginx's ten, a moment in which all were away would last as long.
servers=$(printf 'server %s fail_timeout=1s; ' $WEBS)
sed -e "s/vietmusic\.example/$SITE_HOST/g" -e "s/server 127\.0\.0\.1:8000;/$servers/" "$1"
