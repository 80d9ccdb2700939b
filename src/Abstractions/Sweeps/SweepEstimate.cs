namespace MlTr.Abstractions.Sweeps;

/// <summary>How long a sweep may take, by what trials like its own took on this platform, validation and all.</summary>
/// <param name="Duration">From its start to its end with the workers that are there; null where <paramref name="Unknown"/> says why.</param>
/// <param name="PerTrial">One of its trials, on average.</param>
/// <param name="Measured">How many trials it is worked out from.</param>
/// <param name="Workers">How many of its trials can run at once.</param>
/// <param name="IsMost">True if a stopping rule may end it sooner.</param>
/// <param name="Unknown">What would have to be known, as a sentence; null if all is.</param>
[GenerateSerializer, Immutable, Alias("mltr.SweepEstimate")]
public sealed record SweepEstimate(
    [property: Id(0)] TimeSpan? Duration,
    [property: Id(1)] TimeSpan? PerTrial,
    [property: Id(2)] int Measured,
    [property: Id(3)] int Workers,
    [property: Id(4)] bool IsMost,
    [property: Id(5)] string? Unknown);
