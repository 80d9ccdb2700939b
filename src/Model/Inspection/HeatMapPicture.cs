using System.Runtime.InteropServices;
using SkiaSharp;
using static TorchSharp.torch;

namespace MlTr.Model.Inspection;

/// <summary>Heat maps laid over their pictures, as PNG (paper, Appendix A, Fig. 6).</summary>
public static class HeatMapPicture
{
    /// <summary>From this heat on a pixel belongs to the hottest area.</summary>
    public const float Hot = 0.5f;

    private const float Opacity = 0.5f, Dimmed = 0.25f;

    /// <summary>
    /// A picture under its heat, blue for 0 over green to red for 1 (Fig. 6a); or the picture alone, dark where the heat is below
    /// <see cref="Hot"/> (Fig. 6b). An <see cref="ArgumentException"/> if picture and map differ in size.
    /// </summary>
    /// <param name="rgb">H x W x 3 bytes, row by row.</param>
    /// <param name="map">[H, W], values 0 to 1; see <see cref="HeatMaps"/>.</param>
    /// <param name="onlyHottest">Whether everything but the hottest area is dimmed instead.</param>
    public static byte[] Overlay(ReadOnlySpan<byte> rgb, Tensor map, bool onlyHottest = false)
    {
        ArgumentNullException.ThrowIfNull(map);
        if (map.dim() != 2 || map.numel() * 3 != rgb.Length)
        {
            throw new ArgumentException($"A picture of {rgb.Length / 3} pixels does not lie under a map [{string.Join(", ", map.shape)}].", nameof(map));
        }

        using var scope = NewDisposeScope();
        var heat = map.detach().cpu().to(ScalarType.Float32).contiguous().data<float>().ToArray();
        using var bitmap = new SKBitmap(new SKImageInfo((int)map.shape[1], (int)map.shape[0], SKColorType.Rgba8888, SKAlphaType.Opaque));
        var pixels = MemoryMarshal.Cast<byte, uint>(bitmap.GetPixelSpan());
        for (var i = 0; i < heat.Length; i++)
        {
            pixels[i] = onlyHottest ? Spotlight(rgb.Slice(3 * i, 3), heat[i]) : Blend(rgb.Slice(3 * i, 3), heat[i]);
        }

        using var png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    private static uint Blend(ReadOnlySpan<byte> rgb, float heat)
    {
        byte Mix(byte of, float colour) => (byte)Math.Round((of * (1 - Opacity)) + (255 * Math.Clamp(colour, 0, 1) * Opacity));

        // Two ramps: blue gives way to green up to the middle, green to red beyond it.
        return Pixel(Mix(rgb[0], (2 * heat) - 1), Mix(rgb[1], 1 - Math.Abs((2 * heat) - 1)), Mix(rgb[2], 1 - (2 * heat)));
    }

    private static uint Spotlight(ReadOnlySpan<byte> rgb, float heat)
    {
        var light = heat >= Hot ? 1 : Dimmed;
        return Pixel((byte)(rgb[0] * light), (byte)(rgb[1] * light), (byte)(rgb[2] * light));
    }

    private static uint Pixel(byte red, byte green, byte blue) => red | ((uint)green << 8) | ((uint)blue << 16) | 0xFF000000;
}
