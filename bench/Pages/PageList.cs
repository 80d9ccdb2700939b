namespace MlTr.Bench.Pages;

/// <summary>A page to measure.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Path">Its address.</param>
/// <param name="Shows">A text of what it draws that stands there only once it shows its content.</param>
/// <param name="Selector">The same for a browser: an element that is there only then.</param>
internal sealed record BenchPage(string Name, string Path, string Shows, string Selector)
{
    private const string Many = "/sweeps/" + GeneratedStore.Many, Trial = $"/sweeps/{GeneratedStore.Long}/trials/1";

    public static readonly BenchPage[] All =
    [
        new("home", "/", "Recently finished", ".cards a"),
        new("sweeps", "/sweeps", "sweeps-table", "[data-testid=sweeps-table] tbody tr"),
        new("sweeps, searched", "/sweeps?q=small-01", "sweeps-table", "[data-testid=sweeps-table] tbody tr"),
        new("sweep: trials", Many, "Progress of trial", "[data-testid=trials-table] tbody tr[data-trial]"),
        new("sweep: leaderboard", Many + "?tab=leaderboard", "leaderboard-row", "[data-testid=leaderboard-row]"),
        new("sweep: curves", Many + "?tab=curves", "\"scatter\"", "[data-testid=curve-chart] .main-svg"),
        new("sweep: parallel", Many + "?tab=parallel", "\u0008parallel", ".parallel .main-svg"),
        new("sweep: importance", Many + "?tab=importance", "\u000aimportance", "[data-testid=importance]"),
        new("sweep: slices", Many + "?tab=slices", "\u0006slices", "[data-testid=slices] .main-svg"),
        new("sweep: grid", Many + "?tab=grid", "\u0006ledger", "[data-testid=ledger]"),
        new("sweep: timeline", Many + "?tab=timeline", "\u0008timeline", "[data-testid=timeline]"),
        new("sweep: events", Many + "?tab=events", "trained to its end", "[data-testid=sweep-events] tbody tr"),
        new("leaderboard", "/leaderboard", "leaderboard-row", "[data-testid=leaderboard-row]"),
        new("leaderboard: a dataset", "/leaderboard?dataset=marks-mini", "leaderboard-row", "[data-testid=leaderboard-row]"),
        new("leaderboard: filter, sort", "/leaderboard?q=lr+%3C+1e-3+and+cross_window+%3D+on&sort=-val%2FOF1", "leaderboard-row", "[data-testid=leaderboard-row]"),
        new("sweep's leaderboard", Many + "/leaderboard", "leaderboard-row", "[data-testid=leaderboard-row]"),
        new("sweep's: filter, sort", Many + "/leaderboard?q=OF1+%3E+0.5&sort=p.learning_rate", "leaderboard-row", "[data-testid=leaderboard-row]"),
        new("trial: curves", Trial, "\"scatter\"", "[data-testid=curve-chart] .main-svg"),
        new("trial: classes", Trial + "?tab=classes", "Parts of the trial", ".tabs .on"),
        new("trial: predictions", Trial + "/predictions", "Parts of the trial", ".tabs .on"),
        new("trial: evaluations", Trial + "?tab=evaluations", "Parts of the trial", ".tabs .on"),
        new("trial: configuration", Trial + "?tab=configuration", "Parts of the trial", ".tabs .on"),
        new("trial: history", Trial + "?tab=history", "trained to its end", ".tabs .on"),
        new("trial: log", Trial + "?tab=log", "Nothing logged yet", "[data-testid=log]"),
        new("compare 10", "/compare?trials=" + string.Join(',', Enumerable.Range(1, 10).Select(number => $"{GeneratedStore.Many}/{number}")), "parameter-diff", "[data-testid=parameter-diff]"),
        new("datasets", "/datasets", "dataset-row", "[data-testid=dataset-row]"),
        new("dataset", "/datasets/marks-mini", "Pictures", ".tabs .on"),
        new("workers", "/workers", "worker-row", "[data-testid=worker-row]"),
        new("models", "/models", "empty", "main h1"),
        new("new sweep", "/sweeps/new", "start-sweep", "[data-testid=start-sweep]"),
    ];
}
