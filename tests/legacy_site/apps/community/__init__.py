"""Posts with photos, videos and links."""
