# The returns of one desk a file in, "desk,name,value" lines out; driven by performance_analytics.py.
suppressPackageStartupMessages(library(PerformanceAnalytics))
folder <- commandArgs(trailingOnly = TRUE)[1]
line <- function(desk, name, value) {
  cat(desk, ",", name, ",", sprintf("%.17g", as.numeric(value)), "\n", sep = "")
}
cat("version,version,", as.character(packageVersion("PerformanceAnalytics")), "\n", sep = "")
cat("version,R,", R.version.string, "\n", sep = "")
for (file in list.files(folder, pattern = "csv$", full.names = TRUE)) {
  desk <- sub("\\.csv$", "", basename(file))
  data <- read.csv(file)
  scale <- data$periods[1]; rate <- data$rate[1]
  r <- xts(data$value, order.by = as.Date(data$date)); colnames(r) <- "r"
  say <- function(name, value) line(desk, name, value)
  say("Return.cumulative", Return.cumulative(r))
  say("Return.annualized", Return.annualized(r, scale = scale))
  say("StdDev.annualized", StdDev.annualized(r, scale = scale))
  sharpe <- as.numeric(SharpeRatio(r, Rf = rate, FUN = "StdDev"))
  say("SharpeRatio", sharpe)
  say("SharpeRatio.annualized", SharpeRatio.annualized(r, Rf = rate, scale = scale, geometric = FALSE))
  # It refuses a reference above the ratio; this one is as far below as zero is away.
  probable <- ProbSharpeRatio(r, Rf = rate, refSR = sharpe - abs(sharpe),
                              ignore_skewness = TRUE, ignore_kurtosis = TRUE)
  say("ProbSharpeRatio", probable$sr_prob)
  say("SortinoRatio", SortinoRatio(r, MAR = 0))
  say("DownsideDeviation", mean(r) / DownsideDeviation(r, MAR = 0))
  say("CalmarRatio", CalmarRatio(r, scale = scale))
  say("maxDrawdown", maxDrawdown(r))
  say("VaR historical", VaR(r, p = 0.95, method = "historical"))
  say("ES historical", ES(r, p = 0.95, method = "historical"))
  say("UlcerIndex", UlcerIndex(r))
  say("Omega", Omega(r, L = 0, method = "simple"))
  say("UpsideFrequency", UpsideFrequency(r, MAR = 0))
  say("max", max(r)); say("min", min(r))
  months <- apply.monthly(r, Return.cumulative)
  for (i in seq_along(months)) say(format(index(months)[i], "month %Y-%m"), months[i])
  rolling <- rollapply(r, 126, function(x) StdDev.annualized(x, scale = scale))
  say("rolling StdDev.annualized", tail(rolling, 1))
  rolling <- apply.rolling(r, width = 126, FUN = "SharpeRatio.annualized",
                           Rf = rate, scale = scale, geometric = FALSE)
  say("apply.rolling SharpeRatio.annualized", tail(rolling, 1))
  worst <- suppressWarnings(table.Drawdowns(r, top = 5, digits = 15))
  for (i in seq_len(nrow(worst))) {
    say(paste("table.Drawdowns", i), worst$Depth[i])
    cat(desk, ",dates ", i, ",", paste(worst$From[i], worst$Trough[i], worst$To[i]), "\n", sep = "")
  }
}
