"""One self-contained HTML page about one run, or several side by side."""

from wgan.report.page import STYLESHEET, write_report
