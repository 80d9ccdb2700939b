using System.Collections.Immutable;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;

namespace MlTr.Abstractions.Leaderboards;

/// <summary>One ranked trial.</summary>
/// <param name="Rank">1 for the best; trials without a value have rank 0 and come last.</param>
/// <param name="Trial">The trial.</param>
/// <param name="SweepName">The name of its sweep.</param>
/// <param name="Dataset">The dataset it ran on.</param>
[GenerateSerializer, Immutable, Alias("mltr.LeaderboardRow")]
public sealed record LeaderboardRow(
    [property: Id(0)] int Rank,
    [property: Id(1)] TrialSnapshot Trial,
    [property: Id(2)] string SweepName,
    [property: Id(3)] string Dataset)
{
    /// <summary>The tags of its sweep.</summary>
    [Id(4)]
    public ImmutableArray<string> SweepTags { get; init; } = [];

    /// <summary>The trial's own tags, then those of its sweep.</summary>
    public IEnumerable<string> Tags => Trial.Tags.Union(SweepTags, StringComparer.OrdinalIgnoreCase);
}

/// <summary>A leaderboard: best first; equal values by sweep and number, so that the order is the same each time.</summary>
/// <param name="Objective">What it ranks by.</param>
/// <param name="Rows">All rows.</param>
[GenerateSerializer, Immutable, Alias("mltr.Leaderboard")]
public sealed record Leaderboard([property: Id(0)] Objective Objective, [property: Id(1)] ImmutableArray<LeaderboardRow> Rows);

/// <summary>What changed on a leaderboard: the first of a stream, and one after an interruption, is the whole of it.</summary>
/// <param name="Objective">What it ranks by.</param>
/// <param name="Rows">Rows that are new or have changed, without ranks: one change moves many. <see cref="Ranking"/> puts all of them in order.</param>
/// <param name="IsWhole">True if these are all rows: whatever was known before is forgotten.</param>
/// <param name="GoneSweeps">Sweeps whose rows are there no more.</param>
[GenerateSerializer, Immutable, Alias("mltr.LeaderboardChange")]
public sealed record LeaderboardChange(
    [property: Id(0)] Objective Objective,
    [property: Id(1)] ImmutableArray<LeaderboardRow> Rows,
    [property: Id(2)] bool IsWhole,
    [property: Id(3)] ImmutableArray<string> GoneSweeps);

/// <summary>Ranks trials. Keyed by sweep id, or by <see cref="All"/>.</summary>
[Alias("mltr.ILeaderboardGrain")]
public interface ILeaderboardGrain : IGrainWithStringKey
{
    /// <summary>The key of the leaderboard over all sweeps (by mAP).</summary>
    const string All = "all";

    /// <summary>The leaderboard as it is now.</summary>
    [Alias("Get")]
    Task<Leaderboard> GetAsync();

    /// <summary>Its first rows: over all sweeps no more is read than these.</summary>
    /// <param name="count">How many rows at most, 0 or more.</param>
    [Alias("GetTop")]
    Task<Leaderboard> GetTopAsync(int count);

    /// <summary>The leaderboard now and after every change, until cancelled.</summary>
    [Alias("Watch")]
    IAsyncEnumerable<Leaderboard> WatchAsync(CancellationToken cancellationToken = default);

    /// <summary>All rows now, then only those that change, until cancelled.</summary>
    [Alias("WatchChanges")]
    IAsyncEnumerable<LeaderboardChange> WatchChangesAsync(CancellationToken cancellationToken = default);
}
