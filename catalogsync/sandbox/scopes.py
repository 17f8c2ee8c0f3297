"""The scopes of API keys, named as the vendor's settings page groups them."""

PRODUCT_READ = "Product: Read"
PRODUCT_CREATE = "Product: Create"
PRODUCT_UPDATE = "Product: Update"
PRODUCT_GENERATE = "Product: Generate Content"
PRODUCT_DELETE = "Product: Delete"
CONTENT_READ = "Content: Read"
CONTENT_UPDATE = "Content: Update"

PUBLIC_SCOPES = [PRODUCT_READ, CONTENT_READ]
SECRET_SCOPES = [
    PRODUCT_READ,
    PRODUCT_CREATE,
    PRODUCT_UPDATE,
    PRODUCT_GENERATE,
    PRODUCT_DELETE,
    CONTENT_READ,
    CONTENT_UPDATE,
]
