using System.Globalization;
using MlTr.Abstractions.Datasets;
using MlTr.Grains.Datasets.Decoded;
using MlTr.Grains.Trials;
using MlTr.Model.Data;
using MlTr.Model.Data.Decoded;

namespace MlTr.Silo.Datasets;

/// <summary>The decoded pictures of a trial's splits, which this machine's workers keep for one another.</summary>
/// <param name="folder">Where they lie.</param>
/// <param name="requests">Who has a dataset's pictures decoded, by its id.</param>
/// <param name="clock">Says when pictures were used.</param>
internal sealed class TrialPictures(DecodedFolder folder, Func<string, IDecodingRequests> requests, TimeProvider clock)
{
    /// <summary>Keeps none: each trial decodes its own.</summary>
    public static readonly TrialPictures None = new(new DecodedFolder("", LimitBytes: 0, ""), _ => throw new NotSupportedException(), TimeProvider.System);

    private const int MaxFailures = 30;
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>Opens them. Where some are missing it has them decoded, waits for that and says so. Blocking.</summary>
    /// <param name="dataset">The dataset on this machine.</param>
    /// <param name="sets">Its splits.</param>
    /// <param name="imageSize">Height and width, pixels.</param>
    /// <param name="report">Takes what the trial waits for, and lines for its log.</param>
    /// <returns>For each split its pictures; null where the trial must decode them itself.</returns>
    public IReadOnlyList<DecodedPictures?> Get(
        DatasetSnapshot dataset, IReadOnlyList<(string Split, ImageSet Set)> sets, int imageSize, Action<RunnerReport> report, CancellationToken cancellationToken)
    {
        if (folder.LimitBytes == 0)
        {
            return [.. sets.Select(_ => (DecodedPictures?)null)];
        }

        var opened = Open(dataset, sets, imageSize);
        if (opened.All(pictures => pictures is not null))
        {
            return opened;
        }

        Close(opened);
        var problem = Prepare(dataset, sets, imageSize, report, cancellationToken);
        opened = Open(dataset, sets, imageSize);
        if (problem is not null || opened.Any(pictures => pictures is null))
        {
            report(new TrialLogged("warning", $"Decoded pictures of {dataset.Id} are not kept for other trials: {problem ?? "its files change while they are read"}. This trial decodes its own, which changes nothing in what it learns."));
        }

        return opened;
    }

    private string? Prepare(
        DatasetSnapshot dataset, IReadOnlyList<(string Split, ImageSet Set)> sets, int imageSize, Action<RunnerReport> report, CancellationToken cancellationToken)
    {
        if (NoRoom(dataset, sets, imageSize) is { } reason)
        {
            return reason;
        }

        report(new TrialLogged("info", $"Waits until the pictures of {dataset.Id} are decoded to {imageSize} pixels, once for all trials on this machine"));
        try
        {
            return Await(dataset, imageSize, report, cancellationToken);
        }
        finally
        {
            report(new TrialWaits(null));
        }
    }

    private string? NoRoom(DatasetSnapshot dataset, IReadOnlyList<(string Split, ImageSet Set)> sets, int imageSize)
    {
        try
        {
            return folder.MakeRoom(dataset, imageSize, sets.Sum(one => DecodedShard.BytesOf(one.Set.Images.Count, imageSize)));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return error.Message.TrimEnd('.');
        }
    }

    private string? Await(DatasetSnapshot dataset, int imageSize, Action<RunnerReport> report, CancellationToken cancellationToken)
    {
        int? known = null;
        var said = "";
        for (var failures = 0; ;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                var now = requests(dataset.Id).EnsureAsync(folder.Place, imageSize, known).WaitAsync(cancellationToken).GetAwaiter().GetResult();
                (known, failures) = (now.Done, 0);
                if (now.State != DecodedState.Preparing)
                {
                    return now.State == DecodedState.Failed ? now.Problem?.TrimEnd('.') ?? "it failed" : null;
                }

                var share = now.Pictures > 0 ? (double)now.Done / now.Pictures : 0;
                var text = string.Create(CultureInfo.InvariantCulture, $"the pictures of {dataset.Id}, which are decoded to {imageSize} pixels for this machine: {share:P0} done");
                if (text != said)
                {
                    report(new TrialWaits(said = text));
                }
            }
#pragma warning disable CA1031 // the control process may be starting again; without it for long, the trial decodes its own
            catch (Exception error) when (error is not OperationCanceledException)
#pragma warning restore CA1031
            {
                if (++failures >= MaxFailures)
                {
                    return error.Message.TrimEnd('.');
                }

                known = null; // whoever has it decoded now may not know of us
                cancellationToken.WaitHandle.WaitOne(RetryDelay);
            }
        }
    }

    private List<DecodedPictures?> Open(DatasetSnapshot dataset, IReadOnlyList<(string Split, ImageSet Set)> sets, int imageSize) =>
    [
        .. sets.Select(one => DecodedPictures.TryOpen(
            one.Set, folder.Of(dataset, one.Split, imageSize), dataset.Splits.FirstOrDefault(split => split.Name == one.Split)?.Shards.Length ?? 0, imageSize, clock)),
    ];

    private static void Close(IEnumerable<DecodedPictures?> pictures)
    {
        foreach (var one in pictures)
        {
            one?.Dispose();
        }
    }
}
