"""Networks side by side, their layers aligned, and each convolution in its forms."""
