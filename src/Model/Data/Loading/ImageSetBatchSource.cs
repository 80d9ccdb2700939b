using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using MlTr.Model.Data.Decoded;
using MlTr.Model.Training;
using static TorchSharp.torch;

namespace MlTr.Model.Data.Loading;

/// <summary>
/// Batches of an <see cref="ImageSet"/>. Order follows from (seed, pass), augmentation from (seed, pass, index): neither the
/// number of threads nor a resume in the middle changes a byte. A picture that turns out undecodable keeps its place as plain
/// grey with every target unknown; evaluation also marks it so in <see cref="Labels"/>, which training never changes.
/// </summary>
public sealed class ImageSetBatchSource : IBatchSource, IDisposable
{
    private static readonly float[][] Levels = [.. new[] { (0.485, 0.229), (0.456, 0.224), (0.406, 0.225) }
        .Select(channel => Enumerable.Range(0, 256).Select(level => (float)(((level / 255.0) - channel.Item1) / channel.Item2)).ToArray())];

    private static readonly byte[] MeanColour = [124, 116, 104];
    private readonly ImageSet set;
    private readonly BatchSourceOptions options;
    private readonly DecodedPictures? decoded;
    private readonly ConcurrentDictionary<int, Lazy<PictureCache>> caches = new();
    private readonly ConcurrentDictionary<int, BadFile> bad = new();

    /// <summary>Takes the set as it is; nothing is decoded yet.</summary>
    /// <param name="set">The pictures.</param>
    /// <param name="options">How they become batches.</param>
    /// <param name="decoded">The set's pictures, decoded already; closed with the source. Never changes what is read.</param>
    public ImageSetBatchSource(ImageSet set, BatchSourceOptions? options = null, DecodedPictures? decoded = null)
    {
        this.set = set;
        this.decoded = decoded;
        this.options = options ?? new BatchSourceOptions();
        this.options.ThrowIfInvalid();
        Labels = set.LabelMatrix();
        Sizes = set.SizeMatrix();
    }

    /// <inheritdoc/>
    public int Count => set.Images.Count;

    /// <inheritdoc/>
    public int NumClasses => set.Classes.Count;

    /// <inheritdoc/>
    public byte[,]? Sizes { get; }

    /// <inheritdoc/>
    public sbyte[,] Labels { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Recipe => options.Recipe();

    /// <inheritdoc/>
    public string? Notice => caches.Values.Select(cache => cache.IsValueCreated ? cache.Value.Problem : null).FirstOrDefault(problem => problem is not null);

    /// <summary>The set that the batches come from.</summary>
    public ImageSet Set => set;

    /// <summary>Pictures that turned out undecodable so far.</summary>
    public IReadOnlyList<BadFile> BadPictures => [.. bad.OrderBy(pair => pair.Key).Select(pair => pair.Value)];

    /// <inheritdoc/>
    public int StepsPerPass(int batchSize, bool dropLast) => StepsPerPass(Count, batchSize, dropLast);

    /// <summary>Batches of one pass over so many pictures; <paramref name="dropLast"/> leaves out one that is not full.</summary>
    public static int StepsPerPass(int pictures, int batchSize, bool dropLast) =>
        dropLast ? pictures / batchSize : (pictures + batchSize - 1) / batchSize;

    /// <inheritdoc/>
    public IEnumerable<Batch> ReadPass(int pass, int batchSize, int imageSize, bool training, int skipBatches, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(imageSize, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(skipBatches);
        return Read(pass, batchSize, imageSize, training, skipBatches, ct);
    }

    /// <summary>One decoded picture at that size, RGB, row by row; null where it cannot be decoded.</summary>
    public byte[]? ReadPicture(int index, int imageSize)
    {
        var picture = new byte[imageSize * imageSize * 3];
        return TryRead(index, imageSize, picture) ? picture : null;
    }

    /// <summary>Forgets all decoded pictures.</summary>
    public void Dispose()
    {
        foreach (var cache in caches.Values.Where(cache => cache.IsValueCreated))
        {
            cache.Value.Dispose();
        }

        caches.Clear();
        decoded?.Dispose();
    }

    private IEnumerable<Batch> Read(int pass, int batchSize, int imageSize, bool training, int skipBatches, CancellationToken ct)
    {
        var order = Order(pass, training);
        var steps = StepsPerPass(batchSize, dropLast: training);
        int[] IndicesOf(int step) => order[(step * batchSize)..Math.Min(Count, (step + 1) * batchSize)];
        if (options.LoaderThreads < 1)
        {
            for (var step = skipBatches; step < steps; step++)
            {
                yield return Prepare(IndicesOf(step), pass, imageSize, training, ct);
            }

            yield break;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var threads = new SemaphoreSlim(options.LoaderThreads);
        var ahead = new Queue<Task<Batch>>();
        try
        {
            for (int step = skipBatches, next = skipBatches; step < steps; step++)
            {
                for (; next < steps && ahead.Count < options.Prefetch + options.LoaderThreads; next++)
                {
                    ahead.Enqueue(PrepareAsync(IndicesOf(next), pass, imageSize, training, threads, stop.Token));
                }

                // Read by a training thread of its own, which has nothing else to do until the batch is there.
                yield return ahead.Dequeue().GetAwaiter().GetResult();
            }
        }
        finally
        {
            stop.Cancel();
            GiveBack(ahead);
        }
    }

    private static void GiveBack(Queue<Task<Batch>> ahead)
    {
        foreach (var task in ahead)
        {
            ((IAsyncResult)task).AsyncWaitHandle.WaitOne();
            if (task.IsCompletedSuccessfully)
            {
                task.Result.Dispose();
            }

            _ = task.Exception; // seen: a batch that nobody will read may fail
        }
    }

    private async Task<Batch> PrepareAsync(int[] indices, int pass, int imageSize, bool training, SemaphoreSlim threads, CancellationToken ct)
    {
        await threads.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => Prepare(indices, pass, imageSize, training, ct), ct).ConfigureAwait(false);
        }
        finally
        {
            threads.Release();
        }
    }

    private int[] Order(int pass, bool training)
    {
        var order = Enumerable.Range(0, Count).ToArray();
        if (training)
        {
            var draw = new SeededDraw(options.Seed, (ulong)pass);
            draw.Shuffle(order);
        }

        return order;
    }

    private Batch Prepare(int[] indices, int pass, int imageSize, bool training, CancellationToken ct)
    {
        var images = empty(indices.Length, 3, imageSize, imageSize, dtype: ScalarType.Float32);
        var targets = empty(indices.Length, NumClasses, dtype: ScalarType.Float32);
        var batch = new Batch(images, targets, indices);
        try
        {
            var pixels = MemoryMarshal.Cast<byte, float>(images.bytes);
            var labels = MemoryMarshal.Cast<byte, float>(targets.bytes);
            var picture = new byte[imageSize * imageSize * 3];
            for (var i = 0; i < indices.Length; i++)
            {
                ct.ThrowIfCancellationRequested();
                var readable = TryRead(indices[i], imageSize, picture);
                if (readable && training)
                {
                    var draw = new SeededDraw(options.Seed, (ulong)pass, (ulong)indices[i], 0xA06);
                    Augmenter.Apply(picture, imageSize, options, ref draw);
                }

                Normalise(picture, pixels.Slice(i * picture.Length, picture.Length));
                for (var k = 0; k < NumClasses; k++)
                {
                    labels[(i * NumClasses) + k] = readable ? Labels[indices[i], k] : -1;
                    if (!readable && !training)
                    {
                        Labels[indices[i], k] = -1;
                    }
                }
            }

            return batch;
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    private bool TryRead(int index, int imageSize, Span<byte> picture)
    {
        var image = set.Images[index];
        if (decoded?.ImageSize != imageSize || !decoded.TryRead(index, picture, out var fault))
        {
            var cache = caches.GetOrAdd(imageSize, size => new(() => new PictureCache(Count, size, options))).Value;
            fault = cache.Read(index, picture, () => ImageDecoder.DecodeSquare(set.ReadBytes(image), imageSize, options.MaxPixels));
        }

        if (fault is null)
        {
            return true;
        }

        for (var i = 0; i < picture.Length; i++)
        {
            picture[i] = MeanColour[i % 3];
        }

        bad.TryAdd(index, new BadFile(image.Path, fault));
        return bad.Count <= options.MaxBadShare * Count
            ? false
            : throw new DatasetFormatException(Path.Combine(set.Root, image.Path), $"{fault}; {bad.Count} of {Count} pictures cannot be decoded");
    }

    private static void Normalise(ReadOnlySpan<byte> rgb, Span<float> planes)
    {
        var plane = rgb.Length / 3;
        for (var c = 0; c < 3; c++)
        {
            var levels = Levels[c];
            var target = planes.Slice(c * plane, plane);
            for (int i = 0, from = c; i < target.Length; i++, from += 3)
            {
                target[i] = levels[rgb[from]];
            }
        }
    }
}
