using System.Collections.Immutable;
using MlTr.Abstractions.Sweeps;
using MlTr.Grains.Storage;

namespace MlTr.Grains.Sweeps;

/// <summary>A sweep as lists show it.</summary>
internal static class SweepDigest
{
    public static SweepSnapshot Of(SweepRow row, SweepTally tally, SweepPauses pauses, ImmutableArray<string> tags, string? waiting = null) =>
        new(row.Id, row.Spec, row.State, tally.Counts, tally.Progress, tally.Best, waiting, row.CreatedAt, row.EndedAt)
        {
            Tags = tags.IsDefault ? [] : tags,
            PausedFor = pauses.For,
            PausedAt = pauses.Since,
            StartedBy = row.CreatedBy,
        };
}
