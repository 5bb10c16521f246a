"""An app that touches no file but its own: what it declares joins the site all the same."""
