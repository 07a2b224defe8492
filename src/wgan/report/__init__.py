"""One self-contained HTML page about one run, or several side by side."""

from wgan.report.page import write_report
from wgan.report.pages import STYLESHEET
