using Microsoft.Win32.SafeHandles;

namespace MlTr.Model.Data.Decoded;

/// <summary>The decoded pictures of a split at one size, in the files that <see cref="DecodedShard"/> wrote. Safe for several threads.</summary>
public sealed class DecodedPictures : IDisposable
{
    private readonly List<(SafeFileHandle File, DecodedShardFile Layout)> shards;
    private readonly (int Shard, int Record)[] places;

    private DecodedPictures(List<(SafeFileHandle File, DecodedShardFile Layout)> shards, (int Shard, int Record)[] places, int imageSize) =>
        (this.shards, this.places, ImageSize) = (shards, places, imageSize);

    /// <summary>Height and width, pixels.</summary>
    public int ImageSize { get; }

    /// <summary>Opens them; null unless every picture of the set is there, decoded from its file as that is now.</summary>
    /// <param name="set">The split.</param>
    /// <param name="folder">The folder of the split and size.</param>
    /// <param name="shards">How many shares it is kept in; 0 if none.</param>
    /// <param name="imageSize">Height and width, pixels.</param>
    /// <param name="clock">Says when the folder was used last.</param>
    public static DecodedPictures? TryOpen(ImageSet set, string folder, int shards, int imageSize, TimeProvider clock)
    {
        if (shards == 0)
        {
            return null;
        }

        var files = new List<(SafeFileHandle File, DecodedShardFile Layout)>();
        try
        {
            for (var shard = 0; shard < shards; shard++)
            {
                var file = File.OpenHandle(DecodedShard.PathOf(folder, shard, shards), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
                files.Add((file, null!));
                if (DecodedShardFile.Read(file, imageSize) is not { } layout)
                {
                    return null;
                }

                files[^1] = (file, layout);
            }

            if (PlacesOf(set, files) is not { } places)
            {
                return null;
            }

            Directory.SetLastWriteTimeUtc(folder, clock.GetUtcNow().UtcDateTime); // what was not used for longest goes first
            var opened = new DecodedPictures([.. files], places, imageSize);
            files.Clear();
            return opened;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
        finally
        {
            files.ForEach(one => one.File.Dispose());
        }
    }

    /// <summary>Copies a picture, RGB, row by row; false if its record is damaged. Where it could not be decoded, says why.</summary>
    internal bool TryRead(int index, Span<byte> target, out string? fault)
    {
        var (shard, record) = places[index];
        var (file, layout) = shards[shard];
        try
        {
            return layout.TryRead(file, record, target, out fault);
        }
        catch (IOException)
        {
            fault = null;
            return false;
        }
    }

    /// <summary>Closes the files.</summary>
    public void Dispose() => shards.ForEach(one => one.File.Dispose());

    private static (int Shard, int Record)[]? PlacesOf(ImageSet set, List<(SafeFileHandle File, DecodedShardFile Layout)> files)
    {
        var known = new Dictionary<(ulong Key, ulong Stamp), (int Shard, int Record)>();
        for (var shard = 0; shard < files.Count; shard++)
        {
            foreach (var (picture, record) in files[shard].Layout.Records())
            {
                known[picture] = (shard, record);
            }
        }

        var places = new (int Shard, int Record)[set.Images.Count];
        for (var i = 0; i < places.Length; i++)
        {
            var image = set.Images[i];
            if (set.StampOf(image) is not { } stamp || !known.TryGetValue((DecodedShardFile.KeyOf(image), stamp), out places[i]))
            {
                return null;
            }
        }

        return places;
    }
}
