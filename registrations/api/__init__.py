"""What programs do: the same actions as people's pages, under the same law, as JSON.

Every queryset begins with what the caller may know of (`callers.visible`), every verb is one of
`registrations.actions`, and every refusal is a problem document (RFC 9457).
"""
