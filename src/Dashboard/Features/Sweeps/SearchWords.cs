using MlTr.Abstractions.Sweeps;

namespace MlTr.Dashboard.Features.Sweeps;

/// <summary>Searches and stopping rules in words.</summary>
internal static class SearchWords
{
    public static string Name(SearchKind kind) => kind switch
    {
        SearchKind.Grid => "grid",
        SearchKind.Random => "random",
        SearchKind.Sobol => "Sobol",
        SearchKind.Tpe => "TPE",
        _ => kind.ToString(),
    };

    /// <summary>How trials are drawn, as in <c>20 trials, drawn independently with seed 1</c>.</summary>
    public static string Drawn(SearchSpec search) => search.Kind switch
    {
        SearchKind.Sobol => $"spread evenly with seed {search.Seed}",
        SearchKind.Tpe => $"the first ten spread evenly, then each chosen from what the trials before it reached, with seed {search.Seed},",
        _ => $"drawn independently with seed {search.Seed}",
    };

    public static string Name(StoppingSpec stopping) => stopping.Kind switch
    {
        StoppingKind.Asha => $"ASHA: one in {stopping.Reduction} goes on, from pass {stopping.MinPasses}",
        StoppingKind.Hyperband => $"Hyperband: one in {stopping.Reduction} goes on, from pass {stopping.MinPasses} or later",
        StoppingKind.Median => $"worse than the median, from pass {stopping.MinPasses}",
        _ => "none",
    };
}
