using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace MlTr.Model.Data;

/// <summary>What one share of a data set, or all of it, consists of.</summary>
/// <param name="Images">Pictures that can be used.</param>
/// <param name="Classes">Class names.</param>
/// <param name="ClassCounts">Pictures that show each class.</param>
/// <param name="Checksum">
/// Sum (modulo 2^256, hexadecimal) of one SHA-256 per usable picture over its path, labels and bytes: any split into shards gives the same.
/// </param>
/// <param name="BadFiles">Files left out, by path.</param>
public sealed record DatasetIndex(int Images, IReadOnlyList<string> Classes, IReadOnlyList<int> ClassCounts, string Checksum, IReadOnlyList<BadFile> BadFiles);

/// <summary>Decodes and sums up a data set, in shards that can be worked on anywhere and in any order.</summary>
public static class DatasetIndexer
{
    private static readonly BigInteger Modulus = BigInteger.One << 256;

    /// <summary>The shard that a picture belongs to; a stable hash of its path (FNV-1a over UTF-8), the same on every machine.</summary>
    public static int ShardOf(string path, int shards)
    {
        var hash = 14695981039346656037UL;
        foreach (var b in Encoding.UTF8.GetBytes(path))
        {
            hash = (hash ^ b) * 1099511628211UL;
        }

        return (int)((hash ^ (hash >> 32)) % (ulong)shards);
    }

    /// <summary>Indexes one shard: every picture of it is read and decoded once.</summary>
    public static DatasetIndex IndexShard(
        string folder, string? format, string split, int shard, int shards, DatasetReadOptions? options = null, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shards, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(shard);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(shard, shards);

        // Headers are not checked on opening: every shard would check all of them, and decoding says more.
        options = (options ?? new DatasetReadOptions()) with { CheckHeaders = false, MaxBadShare = 1 };
        return IndexShard(DatasetFolder.Open(folder, format, split, options, ct), shard, shards, options, ct);
    }

    /// <summary>Indexes all shards one after the other and yields each as it is done.</summary>
    public static async IAsyncEnumerable<DatasetIndex> IndexAsync(
        string folder, string? format, string split, int shards, DatasetReadOptions? options = null, [EnumeratorCancellation] CancellationToken ct = default)
    {
        for (var shard = 0; shard < shards; shard++)
        {
            var mine = shard;
            yield return await Task.Run(() => IndexShard(folder, format, split, mine, shards, options, ct), ct);
        }
    }

    /// <summary>Sums up shards; the result is the same for any number of them.</summary>
    public static DatasetIndex Merge(IEnumerable<DatasetIndex> shards)
    {
        var all = shards.ToList();
        if (all.Count == 0 || all.Any(shard => !shard.Classes.SequenceEqual(all[0].Classes)))
        {
            throw new ArgumentException("shards of one data set are needed, at least one", nameof(shards));
        }

        var sum = all.Aggregate(BigInteger.Zero, (total, shard) => total + BigInteger.Parse("0" + shard.Checksum, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        return new DatasetIndex(
            all.Sum(shard => shard.Images), all[0].Classes, [.. all[0].Classes.Select((_, k) => all.Sum(shard => shard.ClassCounts[k]))], Hex(sum),
            [.. all.SelectMany(shard => shard.BadFiles).OrderBy(file => file.Path, StringComparer.Ordinal)]);
    }

    private static DatasetIndex IndexShard(ImageSet set, int shard, int shards, DatasetReadOptions options, CancellationToken ct)
    {
        var mine = set.Images.Where(image => ShardOf(image.Path, shards) == shard).ToList();
        var (sum, good) = (BigInteger.Zero, 0);
        var counts = new int[set.Classes.Count];
        var bad = set.Quarantined.Where(file => ShardOf(file.Path, shards) == shard).ToList();
        foreach (var image in mine)
        {
            ct.ThrowIfCancellationRequested();
            try
            {
                var bytes = set.ReadBytes(image);
                ImageDecoder.DecodeSquare(bytes, 8, options.MaxPixels);
                sum += DigestOf(image, bytes);
            }
            catch (Exception e) when (e is BadPictureException or IOException or UnauthorizedAccessException)
            {
                bad.Add(new BadFile(image.Path, e.Message));
                continue;
            }

            good++;
            for (var k = 0; k < counts.Length; k++)
            {
                counts[k] += image.Labels[k] == 1 ? 1 : 0;
            }
        }

        return new DatasetIndex(good, set.Classes, counts, Hex(sum), [.. bad.OrderBy(file => file.Path, StringComparer.Ordinal)]);
    }

    private static BigInteger DigestOf(ImageEntry image, byte[] bytes)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(Encoding.UTF8.GetBytes(image.Path + "\0"));
        sha.AppendData(Array.ConvertAll(image.Labels, label => (byte)label));
        sha.AppendData(bytes);
        return new BigInteger(sha.GetHashAndReset(), isUnsigned: true, isBigEndian: true);
    }

    private static string Hex(BigInteger sum)
    {
        var bytes = (sum % Modulus).ToByteArray(isUnsigned: true, isBigEndian: true);
        return Convert.ToHexStringLower([.. new byte[32 - bytes.Length], .. bytes]);
    }
}
