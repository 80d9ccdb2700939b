using System.Security.Cryptography;
using MlTr.Model.Data;
using MlTr.Model.Data.Loading;

namespace MlTr.Model.Tests.Data;

public class ImageSetBatchSourceTests(MarksFixture marks)
{
    private const Augmentations All = Augmentations.Flip | Augmentations.Cutout | Augmentations.RandAugment;

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void ReadPass_AnyNumberOfThreads_YieldsTheSameBytes(int threads)
    {
        using var alone = Source(threads: 0);
        using var several = Source(threads);

        Assert.Equal(Digests(alone, pass: 3), Digests(several, pass: 3));
    }

    [Fact]
    public void ReadPass_ResumedInTheMiddle_YieldsTheRest()
    {
        using var whole = Source(2);
        using var resumed = Source(2);

        Assert.Equal(Digests(whole, pass: 1).Skip(5), Digests(resumed, pass: 1, skip: 5));
    }

    [Fact]
    public void ReadPass_OtherPassOrSeed_ShowsAnotherOrder()
    {
        using var source = Source(0);
        using var other = Source(0, seed: 8);

        var first = Digests(source, pass: 0);

        Assert.NotEqual(first, Digests(source, pass: 1));
        Assert.NotEqual(first, Digests(other, pass: 0));
    }

    [Fact]
    public void ReadPass_CacheInAFile_YieldsTheSameBytes()
    {
        using var memory = Source(2);
        using var inFile = Source(2, memoryLimit: 0);

        Assert.Equal(Digests(memory, pass: 0), Digests(inFile, pass: 0));
        Assert.Equal(Digests(memory, pass: 1), Digests(inFile, pass: 1));
    }

    [Fact]
    public void ReadPass_NoRoomForTheCache_DecodesAgainAndSaysSo()
    {
        using var memory = Source(2);
        using var nowhere = new ImageSetBatchSource(
            marks.Read("train"), new BatchSourceOptions { Seed = 7, Augmentations = All, MemoryLimit = 0, CacheFolder = Path.Combine(marks.Root, "nowhere") });

        Assert.Equal(Digests(memory, pass: 0), Digests(nowhere, pass: 0));
        Assert.Equal(Digests(memory, pass: 1), Digests(nowhere, pass: 1));
        Assert.StartsWith("Decoded pictures cannot be kept: ", nowhere.Notice, StringComparison.Ordinal);
        Assert.Null(memory.Notice);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1 << 30)]
    public void ReadPass_NothingIsToBeKept_DecodesEachTimeTheSame(long memoryLimit)
    {
        using var kept = Source(2);
        using var again = new ImageSetBatchSource(
            marks.Read("train"), new BatchSourceOptions { Seed = 7, Augmentations = All, KeepDecoded = false, MemoryLimit = memoryLimit, CacheFolder = "/nowhere" });

        Assert.Equal(Digests(kept, pass: 0), Digests(again, pass: 0));
        Assert.Equal(Digests(kept, pass: 1), Digests(again, pass: 1));
        Assert.Null(again.Notice);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1 << 30)]
    public void ReadPass_SecondPass_DecodesNothing(long memoryLimit)
    {
        var set = marks.Read("train");
        var opened = 0;
        set = set with
        {
            Images =
            [
                .. set.Images.Take(32).Select(image => image with
                {
                    Open = () =>
                    {
                        Interlocked.Increment(ref opened);
                        return File.ReadAllBytes(Path.Combine(set.Root, image.Path));
                    },
                }),
            ],
        };
        using var source = new ImageSetBatchSource(set, new BatchSourceOptions { MemoryLimit = memoryLimit });

        var first = Digests(source, pass: 0);
        var second = Digests(source, pass: 1);

        Assert.Equal(32, opened);
        Assert.NotEqual(first, second);
    }

    [Fact]
    public void ReadPass_Evaluation_KeepsOrderAndPixels()
    {
        using var source = Source(2);

        var batches = source.ReadPass(0, 64, 32, training: false, 0, TestContext.Current.CancellationToken).ToList();

        Assert.Equal(Enumerable.Range(0, 200), batches.SelectMany(batch => batch.Indices));
        Assert.Equal([64, 64, 64, 8], batches.Select(batch => batch.Indices.Length));
        Assert.Equal([64L, 3, 32, 32], batches[0].Images.shape);
        Assert.Equal([64L, 6], batches[0].Targets.shape);
        var pixels = ImageDecoder.DecodeSquare(File.ReadAllBytes(Path.Combine(marks.Root, "train/000001.png")), 32);
        Assert.Equal(((pixels[(7 * 3) + 2] / 255f) - 0.406f) / 0.225f, batches[0].Images[1, 2, 0, 7].item<float>(), 1e-5f);
        Assert.Equal(source.Labels[1, 3], batches[0].Targets[1, 3].item<float>());
        batches.ForEach(batch => batch.Dispose());
    }

    [Fact]
    public void StepsPerPass_DropLast_LeavesOutTheIncompleteBatch()
    {
        using var source = Source(0);

        Assert.Equal((4, 3, 1, 0), (source.StepsPerPass(64, false), source.StepsPerPass(64, true), source.StepsPerPass(500, false), source.StepsPerPass(500, true)));
        Assert.Equal(3, Digests(source, pass: 0, batchSize: 64).Count);
    }

    [Fact]
    public void ReadPass_UndecodablePicture_TurnsUnknown()
    {
        using var folder = new TempFolder();
        File.Copy(Path.Combine(marks.Root, "train/000000.png"), folder["good.png"]);
        File.Copy(Samples.Path("malformed/coco/images/truncated.jpg"), folder["bad.jpg"]);
        var set = new ImageSet("two", folder.Path, ["a", "b"], [new("good.png", 0, 0, [1, 0], null), new("bad.jpg", 0, 0, [1, 0], null)], SizeLimits.Coco, []);
        using var source = new ImageSetBatchSource(set, new BatchSourceOptions { MaxBadShare = 0.5 });

        using var trained = source.ReadPass(0, 2, 32, training: true, 0, TestContext.Current.CancellationToken).Single();
        Assert.Equal(1, source.Labels[1, 0]);
        Assert.Equal(-1, trained.Targets[Array.IndexOf(trained.Indices, 1), 0].item<float>());

        using var batch = source.ReadPass(0, 2, 32, training: false, 0, TestContext.Current.CancellationToken).Single();

        Assert.Equal([1f, 0f, -1f, -1f], batch.Targets.data<float>().ToArray());
        Assert.Equal(-1, source.Labels[1, 0]);
        Assert.Equal([new BadFile("bad.jpg", "the picture is cut off")], source.BadPictures);
        Assert.Null(source.Sizes);
    }

    [Fact]
    public void ReadPass_TooManyUndecodable_Stops()
    {
        var set = new ImageSet("bad", Samples.Path("malformed/coco/images"), ["a"], [new("empty.jpg", 0, 0, [1], null)], SizeLimits.Coco, []);
        using var source = new ImageSetBatchSource(set);

        var error = Assert.Throws<DatasetFormatException>(() => source.ReadPass(0, 1, 8, false, 0, TestContext.Current.CancellationToken).ToList());

        Assert.Contains("empty.jpg: the file is empty", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadPass_LeftEarly_StopsItsThreads()
    {
        using var source = Source(4);

        foreach (var batch in source.ReadPass(0, 8, 32, true, 0, TestContext.Current.CancellationToken))
        {
            batch.Dispose();
            break;
        }

        Assert.Equal(25, Digests(source, pass: 0, batchSize: 8).Count);
    }

    [Fact]
    public void ReadPass_Cancelled_Throws()
    {
        using var source = Source(2);
        using var stop = new CancellationTokenSource();

        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            foreach (var batch in source.ReadPass(0, 8, 32, true, 0, stop.Token))
            {
                batch.Dispose();
                stop.Cancel();
            }
        });
    }

    [Theory]
    [InlineData("none", Augmentations.None)]
    [InlineData("Cutout + randaugment", Augmentations.Cutout | Augmentations.RandAugment)]
    [InlineData("flip", Augmentations.Flip)]
    public void Parse_KnownNames_Combines(string text, Augmentations expected) => Assert.Equal(expected, AugmentationNames.Parse(text));

    [Theory]
    [InlineData("mixup")]
    [InlineData("3")]
    public void Parse_UnknownName_SaysWhichAreKnown(string text) =>
        Assert.Contains("randaugment", Assert.Throws<ArgumentException>(() => AugmentationNames.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(33)]
    public void Apply_AnySize_SurvivesManyDraws(int size)
    {
        var changed = 0;
        for (ulong seed = 0; seed < 300; seed++)
        {
            var picture = Enumerable.Range(0, size * size * 3).Select(i => (byte)(i * 37)).ToArray();
            var draw = new SeededDraw(seed);
            Augmenter.Apply(picture, size, new BatchSourceOptions { Augmentations = All }, ref draw);
            changed += picture.Where((level, i) => level != (byte)(i * 37)).Any() ? 1 : 0;
        }

        Assert.True(changed > 0);
    }

    private ImageSetBatchSource Source(int threads, ulong seed = 7, long memoryLimit = 1 << 30) =>
        new(marks.Read("train"), new BatchSourceOptions { Seed = seed, LoaderThreads = threads, Augmentations = All, MemoryLimit = memoryLimit });

    private static List<string> Digests(ImageSetBatchSource source, int pass, int skip = 0, int batchSize = 16) =>
    [
        .. source.ReadPass(pass, batchSize, 32, training: true, skip, TestContext.Current.CancellationToken).Select(batch =>
        {
            using (batch)
            {
                return $"{string.Join(',', batch.Indices)}:{Convert.ToHexString(SHA256.HashData(batch.Images.bytes))}:{Convert.ToHexString(SHA256.HashData(batch.Targets.bytes))}";
            }
        }),
    ];
}
