using System.Collections.Immutable;
using System.Globalization;
using MlTr.Abstractions.Trials;
using MlTr.Model.Checkpoints;
using MlTr.Silo.Artifacts;

namespace MlTr.Silo.Trials;

/// <summary>
/// A trial's checkpoints on disk. Each attempt writes into a folder of its own, so that a worker which lost its lease without knowing it can
/// never touch what the next one reads.
/// </summary>
internal sealed class TrialFolder(string root, CheckpointCopies copies, int attempt, int keepEveryPasses = 0)
{
    private const string AttemptPrefix = "attempt-", StepPrefix = "step-";

    /// <summary>The folder that this attempt writes into.</summary>
    public string Own { get; } = Path.Combine(root, string.Create(CultureInfo.InvariantCulture, $"{AttemptPrefix}{attempt:D4}"));

    /// <summary>
    /// The newest complete one of the recorded checkpoints. A checkpoint is recorded together with, or after, every point before it; one that lies on
    /// the disk and was never recorded may stand behind points that were lost with its worker, so going on from it would leave a gap.
    /// </summary>
    public CheckpointSearch FindStart(ImmutableArray<CheckpointSnapshot> recorded)
    {
        List<string> problems = [];
        foreach (var checkpoint in recorded.OrderByDescending(one => one.Step).ThenByDescending(one => one.Attempt))
        {
            string? problem = "its recorded path names none.";
            if (Here(checkpoint) is { } path && copies.OpenOrFetch(path, out problem) is { } complete)
            {
                return new CheckpointSearch(complete, problems);
            }

            problems.Add($"The checkpoint at step {checkpoint.Step} cannot be used: {problem}");
        }

        return new CheckpointSearch(null, problems);
    }

    /// <summary>The checkpoint at the best step that the newest one tells of; null if it cannot be used.</summary>
    public TrainerCheckpoint? FindBest(TrainerCheckpoint newest, ImmutableArray<CheckpointSnapshot> recorded) => newest.State.Step == newest.State.BestStep
        ? newest
        : FindStart([.. recorded.Where(one => one.Step == newest.State.BestStep)]).Newest;

    /// <summary>
    /// Where a recorded checkpoint lies here. By its last two names: the data folder may have moved since, or be another machine's. Null if they are none that
    /// a worker gives: whatever lies there is no checkpoint of this trial.
    /// </summary>
    public string? Here(CheckpointSnapshot recorded) => recorded.Path.Split('/', '\\') is [.., var attempt, var step] && IsName(attempt, AttemptPrefix) && IsName(step, StepPrefix)
        ? Path.Combine(root, attempt, step)
        : null;

    private static bool IsName(string name, string prefix) => name.Length > prefix.Length && name.StartsWith(prefix, StringComparison.Ordinal) && name.AsSpan(prefix.Length).IndexOfAnyExceptInRange('0', '9') < 0;

    /// <summary>Deletes what earlier attempts left, but for the best step and those that stay after every so many passes.</summary>
    /// <returns>The checkpoints that are gone.</returns>
    public ImmutableArray<string> RemoveEarlierAttempts(long bestStep)
    {
        var gone = ImmutableArray.CreateBuilder<string>();
        List<string> attempts = [.. Directory.EnumerateDirectories(root, AttemptPrefix + "*").Where(IsEarlier)];
        var copied = attempt > 1 ? copies.Checkpoints(root).Where(checkpoint => IsEarlier(Path.GetDirectoryName(checkpoint)!)) : [];
        foreach (var checkpoint in attempts.SelectMany(Directory.GetDirectories).Union(copied).Where(folder => StepOf(folder) != bestStep && !Stays(folder)).ToList())
        {
            copies.Delete(checkpoint);
            if (Directory.Exists(checkpoint))
            {
                Directory.Delete(checkpoint, recursive: true);
            }

            gone.Add(checkpoint);
        }

        foreach (var earlier in attempts)
        {
            if (!Directory.EnumerateFileSystemEntries(earlier).Any())
            {
                Directory.Delete(earlier);
            }
        }

        return gone.ToImmutable();
    }

    private bool IsEarlier(string folder) => string.CompareOrdinal(folder, Own) < 0;

    // One that this attempt has written anew is not needed twice. One that is only a copy must be here to be looked into.
    private bool Stays(string checkpoint) => keepEveryPasses > 0 && (Directory.Exists(checkpoint) || copies.TryFetch(checkpoint)) &&
        CheckpointStore.IsMilestone(checkpoint, keepEveryPasses) && !Directory.Exists(Path.Combine(Own, Path.GetFileName(checkpoint)));

    private static long? StepOf(string folder) =>
        long.TryParse(Path.GetFileName(folder).Split('-')[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? step : null;
}
