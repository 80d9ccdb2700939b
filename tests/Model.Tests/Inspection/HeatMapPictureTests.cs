using MlTr.Model.Data;
using MlTr.Model.Inspection;
using SkiaSharp;
using static TorchSharp.torch;

namespace MlTr.Model.Tests.Inspection;

public sealed class HeatMapPictureTests
{
    private static readonly byte[] Grey = [100, 100, 100, 100, 100, 100, 100, 100, 100];

    [Fact]
    public void Overlay_ColdWarmHot_IsBlueGreenRed()
    {
        using var map = tensor(new[] { 0f, 0.5f, 1f }).view(1, 3);

        using var picture = SKBitmap.Decode(HeatMapPicture.Overlay(Grey, map));

        Assert.Equal([new SKColor(50, 50, 178), new SKColor(50, 178, 50), new SKColor(178, 50, 50)], picture.Pixels);
    }

    [Fact]
    public void Overlay_OnlyHottest_DimsTheRest()
    {
        using var map = tensor(new[] { 0.49f, 0.5f, 1f }).view(3, 1);

        using var picture = SKBitmap.Decode(HeatMapPicture.Overlay(Grey, map, onlyHottest: true));

        Assert.Equal((1, 3), (picture.Width, picture.Height));
        Assert.Equal([new SKColor(25, 25, 25), new SKColor(100, 100, 100), new SKColor(100, 100, 100)], picture.Pixels);
    }

    [Fact]
    public void Overlay_MapOfAnotherSize_IsRefused()
    {
        using var map = zeros(2, 2);

        Assert.Contains("[2, 2]", Assert.Throws<ArgumentException>(() => HeatMapPicture.Overlay(Grey, map)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void HeatMapOfFile_APicture_IsAPngAsLargeAsTheNetworkSees()
    {
        var folder = Directory.CreateTempSubdirectory("mltr-heat-").FullName;
        try
        {
            var weights = Path.Combine(folder, "weights.safetensors");
            MlTr.Model.Checkpoints.Safetensors.Save(weights, Golden.Weights.Tensors.Select(t => (t.Key, t.Value)));
            using var predictor = Predictor.FromWeights(weights, Golden.Config());
            var picture = Path.Combine(folder, "picture.png");
            using (var drawn = new SKBitmap(90, 40))
            {
                drawn.Erase(SKColors.Orange);
                File.WriteAllBytes(picture, drawn.Encode(SKEncodedImageFormat.Png, 100).ToArray());
            }

            using var seen = SKBitmap.Decode(predictor.HeatMapOfFile(picture, 2));

            Assert.Equal((predictor.ImageSize, predictor.ImageSize), (seen.Width, seen.Height));
            Assert.Throws<ArgumentOutOfRangeException>(() => predictor.HeatMapOfFile(picture, 5));
            Assert.Throws<DatasetFormatException>(() => predictor.HeatMapOfFile(weights, 0));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
