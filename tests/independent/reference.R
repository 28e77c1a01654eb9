# Statistics by R and its packages, for independent_statistics.py: requests on standard input, an object a line,
# {"ask": NAME, ...}; answers on standard output, an object a line each, after a line "ready".
suppressPackageStartupMessages({
  library(jsonlite)
  library(clubSandwich)
  library(multcomp)
  library(multcompView)
  library(pROC)
})

columns <- function(rows, names) {
  matrix <- do.call(rbind, lapply(rows, unlist))
  frame <- as.data.frame(matrix)
  names(frame) <- names
  frame
}

references <- list(
  versions = function(request) {
    packages <- c("clubSandwich", "multcomp", "mvtnorm", "multcompView", "pROC")
    c(R = as.character(getRversion()), sapply(packages, function(name) as.character(packageVersion(name))))
  },
  # The mean of clustered rows.
  mean = function(request) {
    rows <- columns(request$rows, c("cluster", "score"))
    fit <- lm(score ~ 1, rows)
    test <- coef_test(fit, vcov = "CR2", cluster = rows$cluster, test = "Satterthwaite")
    interval <- conf_int(fit, vcov = "CR2", cluster = rows$cluster, level = 0.95, test = "Satterthwaite")
    list(mean = test$beta, error = test$SE, df = test$df_Satt, p = test$p_Satt, low = interval$CI_L,
         high = interval$CI_U)
  },
  # Means of cells (dimensions, subjects) over the same clusters, with their covariance, and the mean of those means.
  means = function(request) {
    rows <- columns(request$rows, c("cell", "cluster", "score"))
    fit <- lm(score ~ 0 + factor(cell), rows)
    covariance <- vcovCR(fit, cluster = rows$cluster, type = "CR2")
    test <- coef_test(fit, vcov = covariance, cluster = rows$cluster, test = "Satterthwaite")
    k <- length(coef(fit))
    overall <- linear_contrast(fit, vcov = covariance, cluster = rows$cluster,
                               contrasts = matrix(1 / k, 1, k), test = "Satterthwaite")
    list(means = as.vector(coef(fit)), covariance = as.vector(covariance), df = test$df_Satt, mean = overall$Est,
         error = overall$SE, mean_df = overall$df)
  },
  # The critical value of the largest |t| of all pairs, and its simulation error (mvtnorm's).
  largest_t = function(request) {
    m <- length(request$strengths)
    strengths <- unlist(request$strengths)
    names(strengths) <- paste0("v", 1:m)
    covariance <- matrix(unlist(request$covariance), m)
    model <- parm(strengths, covariance, df = request$df)
    set.seed(1)
    pairs <- glht(model, linfct = contrMat(strengths, "Tukey"))
    interval <- confint(pairs, level = 0.95)$confint
    list(critical = attr(interval, "calpha"), decided = as.vector(interval[, "lwr"] > 0 | interval[, "upr"] < 0))
  },
  letters = function(request) {
    m <- request$items
    apart <- matrix(FALSE, m, m, dimnames = list(paste0("v", 1:m), paste0("v", 1:m)))
    for (pair in request$apart) {
      apart[pair[[1]] + 1, pair[[2]] + 1] <- TRUE
      apart[pair[[2]] + 1, pair[[1]] + 1] <- TRUE
    }
    shown <- multcompLetters(apart)
    matrix <- shown$LetterMatrix
    if (is.null(matrix)) return(list(groups = list(seq_len(m) - 1)))
    list(groups = lapply(seq_len(ncol(matrix)), function(column) as.list(unname(which(matrix[, column])) - 1)))
  },
  adjusted = function(request) {
    p <- unlist(request$p)
    list(holm = p.adjust(p, "holm"), benjamini_hochberg = p.adjust(p, "BH"))
  },
  area = function(request) {
    rows <- columns(request$rows, c("score", "positive"))
    curve <- roc(rows$positive, rows$score, levels = c(0, 1), direction = "<", quiet = TRUE)
    list(area = as.numeric(curve$auc), variance = var(curve, method = "delong"))
  },
  # Sequential mean squares of a nested design, coarse to fine; the last is the residual.
  nested = function(request) {
    rows <- columns(request$rows, c("cluster", "task", "epoch", "score"))
    rows$epoch <- interaction(rows$task, rows$epoch, drop = TRUE)
    for (name in c("cluster", "task")) rows[[name]] <- factor(rows[[name]])
    terms <- unlist(request$terms)
    table <- anova(lm(reformulate(terms, "score"), rows))
    list(mean_squares = table[["Mean Sq"]], df = table[["Df"]])
  }
)

cat("ready\n")
input <- file("stdin", "r")
while (length(line <- readLines(input, 1)) > 0) {
  request <- fromJSON(line, simplifyVector = FALSE)
  answer <- references[[request$ask]](request)
  cat(toJSON(as.list(answer), digits = NA, auto_unbox = TRUE), "\n", sep = "")
  flush(stdout())
}
