"""Every figure beside R's PerformanceAnalytics, on the desks of tests/retrospective/real_closes.py.

    python benchmarks/performance_analytics.py

Needs Rscript and the R package PerformanceAnalytics; R_LIBS says where, as for any R. R gets the
returns of the closes with 17 digits, never a figure of ours. Where the definition is another one, the
formula beside the figure makes theirs ours exactly and the table says what differs. Exits 1 when
two figures are further apart than 1e-9.
"""

from __future__ import annotations

import csv
import io
import math
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from git_qoc.retrospective.calendar import monthly_returns
from git_qoc.retrospective.metrics import Undefined
from tests.retrospective.builders import figure
from tests.retrospective.real_closes import DESKS, RISK_FREE, Given, given, ours

EXACT = 1e-9

SCRIPT = r"""
suppressPackageStartupMessages(library(PerformanceAnalytics))
folder <- commandArgs(trailingOnly = TRUE)[1]
say <- function(desk, name, value) cat(desk, name, sprintf("%.17g", as.numeric(value)), sep = ",", fill = FALSE)
line <- function(...) { say(...); cat("\n") }
for (file in list.files(folder, pattern = "csv$", full.names = TRUE)) {
  desk <- sub("\\.csv$", "", basename(file))
  data <- read.csv(file)
  scale <- data$periods[1]; rate <- data$rate[1]
  r <- xts(data$value, order.by = as.Date(data$date)); colnames(r) <- "r"
  line(desk, "Return.cumulative", Return.cumulative(r))
  line(desk, "Return.annualized", Return.annualized(r, scale = scale))
  line(desk, "StdDev.annualized", StdDev.annualized(r, scale = scale))
  line(desk, "SharpeRatio", SharpeRatio(r, Rf = rate, FUN = "StdDev"))
  line(desk, "SharpeRatio.annualized", SharpeRatio.annualized(r, Rf = rate, scale = scale, geometric = FALSE))
  probability <- ProbSharpeRatio(r, Rf = rate, refSR = -1e-12 + min(0, SharpeRatio(r, Rf = rate, FUN = "StdDev")),
                                 ignore_skewness = TRUE, ignore_kurtosis = TRUE)$sr_prob
  line(desk, "ProbSharpeRatio", probability)
  line(desk, "SortinoRatio", SortinoRatio(r, MAR = 0))
  line(desk, "DownsideDeviation", DownsideDeviation(r, MAR = 0))
  line(desk, "CalmarRatio", CalmarRatio(r, scale = scale))
  line(desk, "maxDrawdown", maxDrawdown(r))
  line(desk, "VaR", VaR(r, p = 0.95, method = "historical"))
  line(desk, "ES", ES(r, p = 0.95, method = "historical"))
  line(desk, "UlcerIndex", UlcerIndex(r))
  line(desk, "Omega", Omega(r, L = 0, method = "simple"))
  line(desk, "UpsideFrequency", UpsideFrequency(r, MAR = 0))
  months <- apply.monthly(r, Return.cumulative)
  for (i in seq_along(months)) line(desk, paste0("month ", format(index(months)[i], "%Y-%m")), months[i])
  worst <- suppressWarnings(table.Drawdowns(r, top = 5, digits = 15))
  for (i in seq_len(nrow(worst))) {
    line(desk, paste("drawdown", i), worst$Depth[i])
    cat(desk, paste("dates", i), paste(worst$From[i], worst$Trough[i], worst$To[i]), sep = ","); cat("\n")
  }
}
"""
