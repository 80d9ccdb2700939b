using System.Globalization;
using MlTr.Dashboard.Shared;

namespace MlTr.Dashboard.Tests.Shared;

public sealed class PaletteTests
{
    [Fact]
    public void InkOn_AnyShade_StandsOutEnoughToRead()
    {
        foreach (var share in Enumerable.Range(0, 101).Select(percent => percent / 100.0))
        {
            var shade = Palette.Shade(share)[4..^1].Split(',').Select(part => int.Parse(part, CultureInfo.InvariantCulture) / 255.0).Select(Linear).ToArray();
            var ground = (0.2126 * shade[0]) + (0.7152 * shade[1]) + (0.0722 * shade[2]);
            var contrast = Palette.InkOn(share) == "#ffffff" ? 1.05 / (ground + 0.05) : (ground + 0.05) / 0.05;
            Assert.True(contrast >= 4.5, $"{share}: {contrast}");
        }

        static double Linear(double value) => value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
    }
}
