"""Geometry of pictures before a model sees them."""

from PIL import Image

# Past this the short side of a strip would be blown up to the model's size, and the long one with it.
MAX_ASPECT = 8


def whole_on_white(image: Image.Image, side: int) -> Image.Image:
    """The whole picture, scaled to fit a white square of side x side pixels."""
    if image.size == (side, side):
        return image
    scale = side / max(image.size)
    width, height = (max(1, round(length * scale)) for length in image.size)
    square = Image.new("RGB", (side, side), "white")
    scaled = image.resize((width, height), Image.Resampling.BICUBIC)
    square.paste(scaled, ((side - width) // 2, (side - height) // 2))
    return square


def middle_of_strip(image: Image.Image, most: int = MAX_ASPECT) -> Image.Image:
    """The picture, or its middle where one side is more than `most` times the other."""
    longest = most * min(image.size)
    if max(image.size) <= longest:
        return image
    width, height = (min(length, longest) for length in image.size)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))
