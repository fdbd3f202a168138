"""The pages of brands, campaigns and number links.

A view translates: HTTP in, one action, HTTP out. Every queryset starts from `for_user`, so that
what a person may not know of is a 404.
"""
