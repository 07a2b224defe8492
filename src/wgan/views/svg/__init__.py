"""Drawings for the report, as SVG that lies in a page."""
