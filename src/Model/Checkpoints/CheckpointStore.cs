using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using MlTr.Model.Native;
using MlTr.Model.Training;
using static TorchSharp.torch;

namespace MlTr.Model.Checkpoints;

/// <summary>Where a run stands, besides its tensors; everything an exact continuation needs.</summary>
public sealed record TrainerState
{
    /// <summary>Steps made.</summary>
    public long Step { get; init; }

    /// <summary>The pass the next step belongs to.</summary>
    public int Pass { get; init; }

    /// <summary>Batches of that pass already consumed.</summary>
    public int BatchInPass { get; init; }

    /// <summary>Batches in a pass; with another number the place in the data would be lost.</summary>
    public int StepsPerPass { get; init; }

    /// <summary>Seed of the run.</summary>
    public int Seed { get; init; }

    /// <summary>Every knob that decides what the run computes, by name; a run goes on only with the same values.</summary>
    public IReadOnlyDictionary<string, string> Recipe { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>CPU threads; another number continues with other last bits.</summary>
    public int Threads { get; init; }

    /// <summary>Where it computed; another place continues with other last bits.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Parts of a step's pictures; another number continues with other last bits.</summary>
    public int AccumulationParts { get; init; } = 1;

    /// <summary>The network.</summary>
    public required MlTrConfig Config { get; init; }

    /// <summary>Names of the classes; null if the run did not know them.</summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>Side in pixels of the pictures the run read; 0 for the network's own.</summary>
    public int ImageSize { get; init; }

    /// <summary>SHA-256 (hex) of the training labels: a run never continues on other data.</summary>
    public required string DataDigest { get; init; }

    /// <summary>SHA-256 (hex) of the validation labels; null in checkpoints from before it was recorded.</summary>
    public string? ValidationDigest { get; init; }

    /// <summary>After how many steps the newest evaluation was.</summary>
    public long EvaluatedStep { get; init; }

    /// <summary>mAP at <see cref="Step"/>; null if it was not evaluated there.</summary>
    public double? Map { get; init; }

    /// <summary>Highest mAP so far.</summary>
    public double? BestMap { get; init; }

    /// <summary>After how many steps that was.</summary>
    public long BestStep { get; init; }

    /// <summary>Sums since the last training point: steps, loss, class loss, token loss, gradient norm, steps that were not skipped.</summary>
    public IReadOnlyList<double> Sums { get; init; } = new double[SumCount];

    /// <summary>Factor on the loss; null unless training in fp16.</summary>
    public double? LossScale { get; init; }

    /// <summary>Steps since that factor last changed.</summary>
    public int GoodSteps { get; init; }

    /// <summary>For each class the threshold of its highest F1 on the validation set, 0.5 where there is none; null if it was not evaluated at <see cref="Step"/>.</summary>
    public IReadOnlyList<double>? Thresholds { get; init; }

    /// <summary>Whether the averaged weights did better than the raw ones when they were evaluated at <see cref="Step"/>.</summary>
    public bool AveragedIsBetter { get; init; }

    internal const int SumCount = 6;
}

/// <summary>A complete checkpoint on the disk.</summary>
public sealed record TrainerCheckpoint(string Folder, TrainerState State);

/// <summary>What a search for checkpoints found: the newest complete one, if any, and a line for each that was not.</summary>
public sealed record CheckpointSearch(TrainerCheckpoint? Newest, IReadOnlyList<string> Problems);

/// <summary>
/// Checkpoint folders of one run, <c>step-00000123</c>: written beside, flushed, then renamed, so that a folder of that name is complete unless the
/// disk lied, which the checksums in its manifest show. Keeps the best, the last few, and one after every so many passes.
/// </summary>
/// <param name="folder">The run's folder.</param>
/// <param name="keepLast">How many of the newest stay, 1 or more.</param>
/// <param name="keepEveryPasses">Those after every so many passes stay as well; 0 for none.</param>
public sealed partial class CheckpointStore(string folder, int keepLast = 2, int keepEveryPasses = 0)
{
    internal const string Weights = "weights.safetensors", Averages = "ema.safetensors", Optimizer = "optimizer.safetensors";
    private const string StateFile = "state.json", Prefix = "step-", Unfinished = ".unfinished-";

    /// <summary>The file of a checkpoint that lists the others with their checksums; a copy of a checkpoint is complete with it.</summary>
    public const string ManifestFile = "manifest.json";

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    /// <summary>Sees each file of a checkpoint once it is written, before the folder gets its name; for tests.</summary>
    internal static Action<string>? Observer { get; set; }

    /// <summary>The newest checkpoint whose files all have their recorded checksums; older ones are tried in turn.</summary>
    public static CheckpointSearch FindNewestComplete(string folder)
    {
        List<string> problems = [];
        foreach (var candidate in Folders(folder))
        {
            if (TryOpen(candidate, out var problem) is { } complete)
            {
                return new CheckpointSearch(complete, problems);
            }

            problems.Add($"{Path.GetFileName(candidate)}: {problem}");
        }

        return new CheckpointSearch(null, problems);
    }

    /// <summary>
    /// The checkpoint to use the result of a run with: <paramref name="path"/> itself, or of a run's folder the best one, else the one with the
    /// highest mAP, else the newest complete one. An <see cref="InvalidDataException"/> says so where there is none.
    /// </summary>
    public static TrainerCheckpoint OpenBest(string path)
    {
        if (File.Exists(Path.Combine(path, StateFile)))
        {
            return Open(path);
        }

        var found = FindNewestComplete(path);
        var newest = found.Newest ?? throw new InvalidDataException(found.Problems.Count > 0
            ? $"{path} holds no usable checkpoint: {found.Problems[0]}"
            : $"{path} holds no checkpoint: name the folder that a training wrote into, or one of its {Prefix}.. folders.");
        return TryOpen(Path.Combine(path, NameOf(newest.State.BestStep)), out _) ?? ByMap(path).Select(f => TryOpen(f, out _)).FirstOrDefault(c => c is not null) ?? newest;
    }

    /// <summary>Opens one checkpoint folder; <see cref="InvalidDataException"/> names what is missing or damaged.</summary>
    public static TrainerCheckpoint Open(string checkpoint)
    {
        var manifest = Read<ManifestContent>(Path.Combine(checkpoint, ManifestFile));
        foreach (var (name, entry) in manifest.Files ?? throw new InvalidDataException($"{ManifestFile} lists no files."))
        {
            // A name with a separator would lead out of the folder.
            var path = Path.Combine(checkpoint, Path.GetFileName(name));
            if (!File.Exists(path))
            {
                throw new InvalidDataException($"{name} is missing.");
            }

            var (bytes, sha256) = Digest(path);
            if (bytes != entry.Bytes || sha256 != entry.Sha256)
            {
                throw new InvalidDataException($"{name} is damaged: its checksum is not the recorded one.");
            }
        }

        if (!manifest.Files.ContainsKey(StateFile) || !manifest.Files.ContainsKey(Weights))
        {
            throw new InvalidDataException($"{ManifestFile} does not list {StateFile} and {Weights}.");
        }

        return new TrainerCheckpoint(checkpoint, Read<TrainerState>(Path.Combine(checkpoint, StateFile)));
    }

    /// <summary>Opens a checkpoint, or returns null and says in <paramref name="problem"/> what is wrong with it.</summary>
    public static TrainerCheckpoint? TryOpen(string checkpoint, out string? problem)
    {
        try
        {
            problem = null;
            return Open(checkpoint);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException or JsonException)
        {
            problem = e.Message;
            return null;
        }
    }

    /// <summary>
    /// Writes a checkpoint of the given tensor files, then removes what is no longer kept. If it cannot be written an <see cref="IOException"/> or
    /// <see cref="UnauthorizedAccessException"/> says why, nothing is left of it, and the earlier ones stay.
    /// </summary>
    internal TrainerReport.CheckpointWritten Save(TrainerState state, IEnumerable<(string File, IReadOnlyList<(string Name, Tensor Value)> Tensors)> files)
    {
        Directory.CreateDirectory(folder);
        foreach (var leftover in Directory.EnumerateDirectories(folder, Unfinished + "*"))
        {
            Directory.Delete(leftover, recursive: true);
        }

        var name = NameOf(state.Step);
        var (temporary, final) = (Path.Combine(folder, Unfinished + name), Path.Combine(folder, name));
        long total;
        try
        {
            var writers = files.Select(one => (one.File, new Action<string>(path => Safetensors.Save(path, one.Tensors)))).Append((StateFile, path => Write(path, state)));
            total = Fill(temporary, writers).Values.Sum(file => file.Bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Directory.Delete(temporary, recursive: true);
            throw;
        }

        if (Directory.Exists(final))
        {
            Directory.Delete(final, recursive: true); // the same step again, after a resume
        }

        Directory.Move(temporary, final);
        DirectorySync.Flush(folder);
        var digest = Digest(Path.Combine(final, ManifestFile)).Sha256;
        RemoveOld(state.BestStep);
        return new TrainerReport.CheckpointWritten(final, state.Step, total, digest);
    }

    /// <summary>Writes the files and their manifest into a folder, durably.</summary>
    private static SortedDictionary<string, ManifestEntry> Fill(string temporary, params IEnumerable<(string Name, Action<string> Write)> files)
    {
        Directory.CreateDirectory(temporary);
        SortedDictionary<string, ManifestEntry> written = new(StringComparer.Ordinal);
        foreach (var (name, write) in files)
        {
            var path = Path.Combine(temporary, name);
            try
            {
                write(path);
            }
            catch (ArgumentOutOfRangeException e)
            {
                throw new IOException($"{name} is larger than the file system or a limit allows", e); // how .NET reports EFBIG
            }

            var (size, sha256) = Digest(path);
            written[name] = new ManifestEntry(size, sha256);
            Observer?.Invoke(path);
        }

        Write(Path.Combine(temporary, ManifestFile), new ManifestContent(written));
        DirectorySync.Flush(temporary);
        return written;
    }

    /// <summary>Whether a checkpoint stands at the end of a pass after which one stays.</summary>
    public static bool IsMilestone(string checkpoint, int keepEveryPasses) =>
        keepEveryPasses > 0 && TryState(checkpoint) is { BatchInPass: 0, Pass: > 0 } state && state.Pass % keepEveryPasses == 0;

    private void RemoveOld(long bestStep)
    {
        var all = Folders(folder);
        var best = Path.Combine(folder, NameOf(bestStep));
        best = all.Contains(best) ? best : ByMap(folder).FirstOrDefault();
        foreach (var old in all.Skip(keepLast).Where(f => f != best && !IsMilestone(f, keepEveryPasses)))
        {
            Directory.Delete(old, recursive: true);
        }
    }

    /// <summary>Checkpoint folders that were evaluated, the one with the highest mAP first, equal ones by step.</summary>
    private static IEnumerable<string> ByMap(string folder) => Folders(folder)
        .Select(f => (Folder: f, TryState(f)?.Map))
        .Where(f => f.Map is not null)
        .OrderByDescending(f => f.Map)
        .ThenBy(f => Path.GetFileName(f.Folder), StringComparer.Ordinal)
        .Select(f => f.Folder);

    private static string NameOf(long step) => Prefix + step.ToString("D8", CultureInfo.InvariantCulture);

    private static TrainerState? TryState(string checkpoint)
    {
        try
        {
            return Read<TrainerState>(Path.Combine(checkpoint, StateFile));
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            return null;
        }
    }

    /// <summary>Checkpoint folders, the newest first.</summary>
    private static List<string> Folders(string folder) => !Directory.Exists(folder)
        ? []
        : [.. Directory.EnumerateDirectories(folder, Prefix + "*").OrderByDescending(Path.GetFileName, StringComparer.Ordinal)];

    private static (long Bytes, string Sha256) Digest(string path)
    {
        using var file = File.OpenRead(path);
        return (file.Length, Convert.ToHexStringLower(SHA256.HashData(file)));
    }

    private static T Read<T>(string path)
    {
        var name = Path.GetFileName(path);
        if (!File.Exists(path))
        {
            throw new InvalidDataException($"{name} is missing.");
        }

        try
        {
            using var file = File.OpenRead(path);
            return JsonSerializer.Deserialize<T>(file, Json) ?? throw new InvalidDataException($"{name} is empty.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{name} is not the JSON it must be.", e);
        }
    }

    private static void Write<T>(string path, T value)
    {
        using var file = new FileStream(path, FileMode.Create);
        JsonSerializer.Serialize(file, value, Json);
        file.Flush(flushToDisk: true);
    }

    private sealed record ManifestContent(SortedDictionary<string, ManifestEntry>? Files);

    private sealed record ManifestEntry(long Bytes, string Sha256);
}
