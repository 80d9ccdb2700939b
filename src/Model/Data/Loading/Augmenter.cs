namespace MlTr.Model.Data.Loading;

/// <summary>The operations of RandAugment.</summary>
internal enum Operation
{
    Autocontrast,
    Equalise,
    Invert,
    Posterise,
    Solarise,
    Colour,
    Contrast,
    Brightness,
    Sharpness,
    ShearX,
    ShearY,
    TranslateX,
    TranslateY,
    Rotate,
}

/// <summary>Augments one square RGB picture in place, every draw from the picture's own seed. Order: flip, cutout, RandAugment.</summary>
internal static class Augmenter
{
    public static void Apply(Span<byte> rgb, int size, BatchSourceOptions options, ref SeededDraw draw)
    {
        var augmentations = options.Augmentations;
        if (augmentations.HasFlag(Augmentations.Flip) && draw.Chance(0.5))
        {
            Flip(rgb, size);
        }

        if (augmentations.HasFlag(Augmentations.Cutout))
        {
            Cutout(rgb, size, options.CutoutSize, ref draw);
        }

        if (augmentations.HasFlag(Augmentations.RandAugment))
        {
            for (var i = 0; i < options.RandAugmentOperations; i++)
            {
                RandAugment(rgb, size, options.RandAugmentLevel, ref draw);
            }
        }
    }

    private static void Flip(Span<byte> rgb, int size)
    {
        for (var y = 0; y < size; y++)
        {
            var row = rgb.Slice(y * size * 3, size * 3);
            for (int left = 0, right = size - 1; left < right; left++, right--)
            {
                for (var c = 0; c < 3; c++)
                {
                    (row[(left * 3) + c], row[(right * 3) + c]) = (row[(right * 3) + c], row[(left * 3) + c]);
                }
            }
        }
    }

    private static void Cutout(Span<byte> rgb, int size, double share, ref SeededDraw draw)
    {
        var (cx, cy) = (draw.NextInt(size), draw.NextInt(size));
        ReadOnlySpan<byte> colour = [(byte)draw.NextInt(256), (byte)draw.NextInt(256), (byte)draw.NextInt(256)];
        var side = (int)(size * share);
        var (left, top) = (Math.Max(0, cx - (side / 2)), Math.Max(0, cy - (side / 2)));
        var (right, bottom) = (Math.Min(size, cx - (side / 2) + side), Math.Min(size, cy - (side / 2) + side));
        for (var y = top; y < bottom; y++)
        {
            for (var x = left; x < right; x++)
            {
                colour.CopyTo(rgb[(((y * size) + x) * 3)..]);
            }
        }
    }

    private static void RandAugment(Span<byte> rgb, int size, int highestLevel, ref SeededDraw draw)
    {
        var operation = (Operation)draw.NextInt((int)Operation.Rotate + 1);
        var level = 1 + draw.NextInt(highestLevel);
        var sign = draw.Chance(0.5) ? 1 : -1;
        if (draw.Chance(0.5)) // drawn last, so that no other draw depends on it
        {
            Apply(rgb, size, operation, level, sign);
        }
    }

    /// <summary>One operation at a level of 1 to 10; the sign, 1 or -1, turns those that have a direction.</summary>
    internal static void Apply(Span<byte> rgb, int size, Operation operation, int level, int sign)
    {
        var factor = 1 + (sign * 0.09 * level);
        switch (operation)
        {
            case Operation.Autocontrast:
                PixelTables.PerChannel(rgb, PixelTables.Autocontrast);
                break;
            case Operation.Equalise:
                PixelTables.PerChannel(rgb, PixelTables.Equalise);
                break;
            case Operation.Invert:
                PixelTables.Map(rgb, value => (byte)(255 - value));
                break;
            case Operation.Posterise:
                var mask = (byte)(0xFF << (int)Math.Round(0.4 * level));
                PixelTables.Map(rgb, value => (byte)(value & mask));
                break;
            case Operation.Solarise:
                PixelTables.Map(rgb, value => value >= 256 - (25.6 * level) ? (byte)(255 - value) : value);
                break;
            case Operation.Colour:
                ColourBlend.Saturation(rgb, factor);
                break;
            case Operation.Contrast:
                ColourBlend.Contrast(rgb, factor);
                break;
            case Operation.Brightness:
                PixelTables.Map(rgb, value => ColourBlend.Level(value * factor));
                break;
            case Operation.Sharpness:
                ColourBlend.Sharpness(rgb, size, factor);
                break;
            case Operation.ShearX:
                Affine.Apply(rgb, size, 1, sign * 0.03 * level, 0, 1, 0, 0);
                break;
            case Operation.ShearY:
                Affine.Apply(rgb, size, 1, 0, sign * 0.03 * level, 1, 0, 0);
                break;
            case Operation.TranslateX:
                Affine.Apply(rgb, size, 1, 0, 0, 1, sign * 0.033 * level * size, 0);
                break;
            case Operation.TranslateY:
                Affine.Apply(rgb, size, 1, 0, 0, 1, 0, sign * 0.033 * level * size);
                break;
            default:
                var (sin, cos) = Math.SinCos(sign * 3.0 * level * Math.PI / 180);
                Affine.Apply(rgb, size, cos, sin, -sin, cos, 0, 0);
                break;
        }
    }
}
