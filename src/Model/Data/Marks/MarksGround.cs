namespace MlTr.Model.Data.Marks;

/// <summary>The ground of one picture: smooth, of low saturation, and never so bright or dark that a mark could not stand out.</summary>
internal sealed class MarksGround
{
    private const int Cells = 4;
    private readonly (double R, double G, double B)[] pixels;
    private readonly int side;

    public MarksGround(int side, ref SeededDraw draw)
    {
        this.side = side;
        pixels = new (double, double, double)[side * side];
        var level = draw.Between(70, 185);
        var lattice = new (double R, double G, double B)[(Cells + 1) * (Cells + 1)];
        for (var i = 0; i < lattice.Length; i++)
        {
            var shade = level + draw.Between(-22, 22);
            lattice[i] = (shade + draw.Between(-12, 12), shade + draw.Between(-12, 12), shade + draw.Between(-12, 12));
        }

        for (var y = 0; y < side; y++)
        {
            for (var x = 0; x < side; x++)
            {
                pixels[(y * side) + x] = Smooth(lattice, (x + 0.5) * Cells / side, (y + 0.5) * Cells / side);
            }
        }
    }

    public (double R, double G, double B) At(int x, int y) => pixels[(y * side) + x];

    /// <summary>A colour of the wanted hue that differs from the ground around by at least 80 levels of brightness.</summary>
    public ((double R, double G, double B) Colour, double Contrast) Colour(
        int classIndex, int numClasses, bool ownHue, double x, double y, double radius, ref SeededDraw draw)
    {
        var hue = ownHue ? (classIndex + draw.Between(-0.25, 0.25)) / numClasses : draw.NextDouble();
        var (darkest, brightest) = Brightness(x, y, radius);
        var (s, v) = (draw.Between(0.45, 0.95), draw.Between(0.35, 1));
        var colour = Hsv(hue - Math.Floor(hue), s, v);
        var shade = Shade(colour);

        // Whichever side has more room: mixing with white or black keeps the hue.
        var (away, target) = shade > (darkest + brightest) / 2 && 255 - brightest > MarksPicture.MinContrast + 1
            ? (255.0, brightest + MarksPicture.MinContrast + 1)
            : darkest > MarksPicture.MinContrast + 1
                ? (0.0, darkest - MarksPicture.MinContrast - 1)
                : (255.0, brightest + MarksPicture.MinContrast + 1);
        var missing = away > 0 ? target - shade : shade - target;
        if (missing > 0)
        {
            var mix = missing / Math.Abs(away - shade);
            colour = (Mix(colour.R, away, mix), Mix(colour.G, away, mix), Mix(colour.B, away, mix));
            shade = Shade(colour);
        }

        return (colour, Math.Min(Math.Abs(shade - darkest), Math.Abs(shade - brightest)));
    }

    /// <summary>None to three strokes or arcs that belong to no class: thin, and fainter than any mark.</summary>
    public static List<((double X, double Y)[][] Outline, (double R, double G, double B) Colour)> Distractors(
        int side, MarksGround ground, ref SeededDraw draw)
    {
        var list = new List<((double X, double Y)[][], (double R, double G, double B))>();
        for (var count = draw.NextInt(4); count > 0; count--)
        {
            var (x, y, width) = (draw.Between(0, side), draw.Between(0, side), draw.Between(0.9, 1.6));
            var (length, start) = (draw.Between(0.2, 0.6) * side, draw.Between(0, 360));
            var outline = draw.Chance(0.5) ? Stroke(x, y, length, width, start) : Arc(x, y, length / 2, width, start, draw.Between(40, 200));
            var under = ground.At(Math.Min(side - 1, (int)x), Math.Min(side - 1, (int)y));
            var step = draw.Between(30, 60) * (Shade(under) > 127 ? -1 : 1);
            list.Add(([outline], (under.R + step, under.G + step, under.B + step)));
        }

        return list;
    }

    private static double Shade((double R, double G, double B) c) => (0.299 * c.R) + (0.587 * c.G) + (0.114 * c.B);

    private static double Mix(double from, double to, double share) => from + ((to - from) * share);

    private (double Darkest, double Brightest) Brightness(double x, double y, double radius)
    {
        var (low, high) = (255.0, 0.0);
        for (var row = Math.Max(0, (int)(y - radius - 1)); row <= Math.Min(side - 1, (int)(y + radius + 1)); row++)
        {
            for (var column = Math.Max(0, (int)(x - radius - 1)); column <= Math.Min(side - 1, (int)(x + radius + 1)); column++)
            {
                var shade = Shade(At(column, row));
                (low, high) = (Math.Min(low, shade), Math.Max(high, shade));
            }
        }

        return (low, high);
    }

    private static (double R, double G, double B) Smooth((double R, double G, double B)[] lattice, double x, double y)
    {
        var (cx, cy) = (Math.Min(Cells - 1, (int)x), Math.Min(Cells - 1, (int)y));
        var (fx, fy) = (Ease(x - cx), Ease(y - cy));
        var (a, b) = (lattice[(cy * (Cells + 1)) + cx], lattice[(cy * (Cells + 1)) + cx + 1]);
        var (c, d) = (lattice[((cy + 1) * (Cells + 1)) + cx], lattice[((cy + 1) * (Cells + 1)) + cx + 1]);
        return (
            Mix(Mix(a.R, b.R, fx), Mix(c.R, d.R, fx), fy),
            Mix(Mix(a.G, b.G, fx), Mix(c.G, d.G, fx), fy),
            Mix(Mix(a.B, b.B, fx), Mix(c.B, d.B, fx), fy));
    }

    private static double Ease(double t) => t * t * (3 - (2 * t));

    private static (double R, double G, double B) Hsv(double hue, double saturation, double value)
    {
        double Channel(double shift)
        {
            var k = (shift + (hue * 6)) % 6;
            return 255 * (value - (value * saturation * Math.Clamp(Math.Min(k, 4 - k), 0, 1)));
        }

        return (Channel(5), Channel(3), Channel(1));
    }

    private static (double X, double Y)[] Stroke(double x, double y, double length, double width, double degrees)
    {
        var (sin, cos) = Math.SinCos(degrees * Math.PI / 180);
        var (lx, ly, wx, wy) = (cos * length / 2, sin * length / 2, -sin * width / 2, cos * width / 2);
        return [(x - lx - wx, y - ly - wy), (x + lx - wx, y + ly - wy), (x + lx + wx, y + ly + wy), (x - lx + wx, y - ly + wy)];
    }

    private static (double X, double Y)[] Arc(double x, double y, double radius, double width, double start, double sweep)
    {
        const int Steps = 24;
        (double X, double Y) At(double r, int i)
        {
            var (sin, cos) = Math.SinCos((start + (sweep * i / Steps)) * Math.PI / 180);
            return (x + (cos * r), y + (sin * r));
        }

        var steps = Enumerable.Range(0, Steps + 1).ToArray();
        return [.. steps.Select(i => At(radius + (width / 2), i)), .. steps.Reverse().Select(i => At(radius - (width / 2), i))];
    }
}
