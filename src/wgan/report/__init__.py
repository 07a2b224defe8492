"""One self-contained HTML page about one run, or several side by side. Reads run directories, trains nothing."""

from wgan.report.page import write_report
