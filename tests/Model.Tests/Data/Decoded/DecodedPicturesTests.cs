using MlTr.Model.Data;
using MlTr.Model.Data.Decoded;
using MlTr.Model.Data.Loading;
using SkiaSharp;

namespace MlTr.Model.Tests.Data.Decoded;

/// <summary>Pictures decoded once for a machine: read as if each had been decoded for the trial, whatever happened to the files.</summary>
public sealed class DecodedPicturesTests : IDisposable
{
    private const int Size = 16;
    private const int Shards = 3;

    private readonly TempFolder data = new();
    private readonly TempFolder cache = new();

    public DecodedPicturesTests()
    {
        for (var i = 0; i < 40; i++)
        {
            Draw($"{i:00}.png", 24, i);
        }

        File.WriteAllText(data["broken.png"], "no picture");
        File.WriteAllText(data["train.csv"], "path,labels\nbroken.png,odd\n" + string.Concat(Enumerable.Range(0, 40).Select(i => $"{i:00}.png,{(i % 2 == 0 ? "even" : "odd")}\n")));
    }

    public void Dispose()
    {
        data.Dispose();
        cache.Dispose();
    }

    [Fact]
    public void TryOpen_AllShardsWritten_ReadsWhatDecodingGives_AlsoTheFaults()
    {
        var set = Open();
        WriteAll(set);

        Assert.Equal(Read(set, null), Read(set, Opened(set)));
    }

    [Fact]
    public void TryOpen_AShardIsMissing_IsNull()
    {
        var set = Open();
        WriteAll(set);
        File.Delete(DecodedShard.PathOf(cache.Path, 1, Shards));

        Assert.Null(DecodedPictures.TryOpen(set, cache.Path, Shards, Size, TimeProvider.System));
    }

    [Fact]
    public void TryOpen_AnotherSize_IsNull()
    {
        var set = Open();
        WriteAll(set);

        Assert.Null(DecodedPictures.TryOpen(set, cache.Path, Shards, Size * 2, TimeProvider.System));
    }

    [Fact]
    public void TryOpen_APictureWasWrittenAgain_IsNullUntilItIsDecodedAgain()
    {
        var set = Open();
        WriteAll(set);
        Draw("07.png", 30, 200);

        Assert.Null(DecodedPictures.TryOpen(set, cache.Path, Shards, Size, TimeProvider.System));

        WriteAll(set);
        Assert.Equal(Read(set, null), Read(set, Opened(set)));
    }

    [Fact]
    public void TryOpen_ASetWithoutPicturesThatWereLeftOut_FindsTheRest()
    {
        var all = Open();
        WriteAll(all);
        var some = all with { Images = [.. all.Images.Where((_, i) => i % 3 != 0)] };

        Assert.Equal(Read(some, null), Read(some, Opened(some)));
    }

    [Fact]
    public void Write_CutOffAnywhere_GoesOnAndEndsWithTheSameFile()
    {
        var set = Open();
        WriteAll(set);
        var path = DecodedShard.PathOf(cache.Path, 0, Shards);
        var whole = File.ReadAllBytes(path);
        foreach (var length in Enumerable.Range(0, 40).Select(i => whole.Length * i / 39))
        {
            File.Delete(path);
            File.WriteAllBytes(path + ".new", whole[..length]);

            Write(set, 0);

            Assert.Equal(whole, File.ReadAllBytes(path));
        }
    }

    [Fact]
    public void Write_StoppedInTheMiddle_DecodesOnlyTheRest()
    {
        var set = Open();
        using var stop = new CancellationTokenSource();
        var first = 0;
        Assert.Throws<OperationCanceledException>(() => DecodedShard.Write(
            set, 0, 1, Size, cache.Path, (done, _) => { if ((first = done) > 0) { stop.Cancel(); } }, stop.Token));

        var said = new List<int>();
        DecodedShard.Write(set, 0, 1, Size, cache.Path, (done, _) => said.Add(done), TestContext.Current.CancellationToken);

        Assert.InRange(first, 1, set.Images.Count - 1);
        Assert.Equal((first, set.Images.Count), (said[0], said[^1]));
    }

    [Fact]
    public void Write_ABitFlippedInWhatIsThere_IsDecodedAgain()
    {
        var set = Open();
        WriteAll(set);
        var expected = Read(set, null);
        foreach (var path in Directory.GetFiles(cache.Path))
        {
            var bytes = File.ReadAllBytes(path);
            bytes[^10] ^= 4;
            File.WriteAllBytes(path, bytes);
        }

        Assert.Equal(expected, Read(set, Opened(set)));
    }

    [Fact]
    public void TryOpen_TheHeadIsNonsense_IsNullAndIsWrittenAgain()
    {
        var set = Open();
        WriteAll(set);
        var path = DecodedShard.PathOf(cache.Path, 0, Shards);
        var bytes = File.ReadAllBytes(path);
        bytes[14] = 0x7F;
        File.WriteAllBytes(path, bytes);

        Assert.Null(DecodedPictures.TryOpen(set, cache.Path, Shards, Size, TimeProvider.System));

        WriteAll(set);
        Assert.Equal(Read(set, null), Read(set, Opened(set)));
    }

    private void Draw(string name, int side, int shade)
    {
        using var bitmap = new SKBitmap(side, side - 4);
        for (var y = 0; y < bitmap.Height; y++)
        {
            for (var x = 0; x < bitmap.Width; x++)
            {
                bitmap.SetPixel(x, y, new SKColor((byte)(shade * 5), (byte)(x * 9), (byte)(y * 9)));
            }
        }

        using var png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        File.WriteAllBytes(data[name], png.ToArray());
    }

    private ImageSet Open() => DatasetFolder.Open(data.Path, "list", "train", new DatasetReadOptions { CheckHeaders = false, MaxBadShare = 1 });

    private DecodedPictures Opened(ImageSet set)
    {
        var opened = DecodedPictures.TryOpen(set, cache.Path, Shards, Size, TimeProvider.System);
        Assert.NotNull(opened);
        return opened;
    }

    private void WriteAll(ImageSet set)
    {
        for (var shard = 0; shard < Shards; shard++)
        {
            Write(set, shard);
        }
    }

    private void Write(ImageSet set, int shard) =>
        DecodedShard.Write(set, shard, Shards, Size, cache.Path, (_, _) => { }, TestContext.Current.CancellationToken);

    private static List<string> Read(ImageSet set, DecodedPictures? decoded)
    {
        using var source = new ImageSetBatchSource(set, new BatchSourceOptions { LoaderThreads = 0 }, decoded);
        return
        [
            .. Enumerable.Range(0, source.Count).Select(i => source.ReadPicture(i, Size) is { } picture ? Convert.ToHexString(picture) : "none"),
            .. source.BadPictures.Select(bad => bad.ToString()),
        ];
    }
}
