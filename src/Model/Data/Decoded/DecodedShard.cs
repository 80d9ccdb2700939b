using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace MlTr.Model.Data.Decoded;

/// <summary>Decodes the pictures of one shard of a split into a file, once for all trials of a machine.</summary>
public static class DecodedShard
{
    // Decoded beside one another, then written: few enough that little is lost when the process dies.
    private const int ChunkSize = 32;

    /// <summary>The shard's file in the folder of its split and size.</summary>
    public static string PathOf(string folder, int shard, int shards) =>
        Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{shard + 1}-of-{shards}.pictures"));

    /// <summary>Bytes on disk of so many pictures.</summary>
    /// <param name="pictures">How many.</param>
    /// <param name="imageSize">Height and width, pixels.</param>
    public static long BytesOf(long pictures, int imageSize) => pictures * ((imageSize * (long)imageSize * 3) + 25);

    /// <summary>
    /// Decodes what the file does not have yet; one that an ended process left half done is gone on with. The file gets its name when it is whole.
    /// </summary>
    /// <param name="set">The split.</param>
    /// <param name="shard">Which share of it, from 0; <see cref="DatasetIndexer.ShardOf"/> says whose pictures.</param>
    /// <param name="shards">How many shares there are.</param>
    /// <param name="imageSize">Height and width to decode to, pixels.</param>
    /// <param name="folder">The folder of the split and size; it is created.</param>
    /// <param name="progress">Takes how many of how many pictures are done.</param>
    /// <exception cref="IOException">The disk is full, or another process writes the file.</exception>
    /// <exception cref="NotSupportedException">A picture has no file whose age could be told.</exception>
    public static void Write(ImageSet set, int shard, int shards, int imageSize, string folder, Action<int, int> progress, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(imageSize, 1);
        var mine = set.Images.Where(image => DatasetIndexer.ShardOf(image.Path, shards) == shard).ToList();
        var layout = DecodedShardFile.For(set, mine, imageSize) ?? throw new NotSupportedException("Only pictures that lie in files can be kept decoded.");
        var path = PathOf(folder, shard, shards);
        Directory.CreateDirectory(folder);
        if (!IsWhole(path, layout, imageSize))
        {
            var unfinished = path + ".new";
            using (var file = File.OpenHandle(unfinished, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
            {
                var done = GoOn(file, layout, imageSize, mine.Count);
                progress(done, mine.Count);
                foreach (var chunk in mine.Skip(done).Chunk(ChunkSize))
                {
                    ct.ThrowIfCancellationRequested();
                    RandomAccess.Write(file, Decode(set, chunk, layout, done, imageSize, ct), layout.OffsetOf(done));
                    progress(done += chunk.Length, mine.Count);
                }

                RandomAccess.FlushToDisk(file);
            }

            File.Move(unfinished, path, overwrite: true);
        }

        progress(mine.Count, mine.Count);
    }

    private static bool IsWhole(string path, DecodedShardFile layout, int imageSize)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        using var file = File.OpenHandle(path);
        return DecodedShardFile.Read(file, imageSize)?.Head.AsSpan().SequenceEqual(layout.Head) == true;
    }

    /// <summary>How many records can stay. Each is looked at: after a power cut, a file may be longer than what was written of it.</summary>
    private static int GoOn(SafeFileHandle file, DecodedShardFile layout, int imageSize, int count)
    {
        var done = 0;
        if (DecodedShardFile.Read(file, imageSize)?.Head.AsSpan().SequenceEqual(layout.Head) == true)
        {
            var picture = new byte[imageSize * imageSize * 3];
            while (done < count && layout.TryRead(file, done, picture, out _))
            {
                done++;
            }
        }
        else
        {
            RandomAccess.SetLength(file, 0);
            RandomAccess.Write(file, layout.Head, 0);
        }

        return done;
    }

    private static byte[] Decode(ImageSet set, ImageEntry[] images, DecodedShardFile layout, int first, int imageSize, CancellationToken ct)
    {
        var records = new byte[images.Length * layout.RecordBytes];
        Parallel.For(0, images.Length, new ParallelOptions { CancellationToken = ct }, i =>
        {
            var (picture, fault) = Picture(set, images[i], imageSize);
            DecodedShardFile.Fill(records.AsSpan(i * layout.RecordBytes, layout.RecordBytes), first + i, picture, fault);
        });
        return records;
    }

    private static (byte[] Picture, string? Fault) Picture(ImageSet set, ImageEntry image, int imageSize)
    {
        try
        {
            return (ImageDecoder.DecodeSquare(set.ReadBytes(image), imageSize), null);
        }
        catch (Exception e) when (ImageDecoder.Fault(e) is { } fault)
        {
            return ([], fault);
        }
    }
}
