namespace MlTr.Model.Data.Marks;

/// <summary>One labelled mark of a picture.</summary>
/// <param name="Class">Index of its class.</param>
/// <param name="Radius">Radius of the circle around it.</param>
/// <param name="Area">Pixels of it that can be seen.</param>
/// <param name="X">Left of the box around what can be seen.</param>
/// <param name="Y">Top of that box.</param>
/// <param name="Width">Width of that box.</param>
/// <param name="Height">Height of that box.</param>
/// <param name="Contrast">Difference of brightness to the ground behind it, in levels.</param>
internal sealed record Mark(int Class, double Radius, double Area, double X, double Y, double Width, double Height, double Contrast);

/// <summary>Draws one picture from (seed, split, index) alone.</summary>
internal sealed class MarksPicture
{
    public const int MaxMarks = 8;
    public const double MinContrast = 80;
    private const int Samples = 4;
    private const int MaxAttempts = 24;
    private readonly MarksPreset preset;
    private readonly int side;
    private SeededDraw draw;

    private MarksPicture(MarksPreset preset, SeededDraw draw)
    {
        this.preset = preset;
        this.draw = draw;
        side = preset.ImageSize;
        Pixels = new byte[side * side * 3];
    }

    /// <summary>RGB, row by row.</summary>
    public byte[] Pixels { get; }

    public List<Mark> Marks { get; } = [];

    public static MarksPicture Draw(MarksPreset preset, MarksSplit split, int index, IReadOnlySet<int> classes)
    {
        for (var attempt = 0; ; attempt++)
        {
            var picture = new MarksPicture(preset, new SeededDraw(preset.Seed, (ulong)split, (ulong)index, (ulong)attempt));
            if (picture.TryDraw(classes, attempt))
            {
                return picture;
            }
        }
    }

    // Fails when a mark came to lie so that less than 60 % of it can be seen; the caller then draws anew.
    private bool TryDraw(IReadOnlySet<int> classes, int attempt)
    {
        var ground = new MarksGround(side, ref draw);
        var owners = new byte[side * Samples * side * Samples];
        var colours = new List<(double R, double G, double B)> { default };
        foreach (var (outline, colour) in MarksGround.Distractors(side, ground, ref draw))
        {
            colours.Add(colour);
            PolygonFill.Fill(owners, side * Samples, Grow(outline, 0, 0, Samples), (byte)(colours.Count - 1));
        }

        var first = colours.Count;
        var placed = new List<(int Class, double Radius, double Contrast, long Whole)>();
        var circles = new List<(double X, double Y, double R)>();
        var whole = new byte[owners.Length];
        foreach (var k in Copies(classes))
        {
            // A crowded picture that failed is tried again with smaller marks.
            var radius = Radius() * Math.Max(0.6, 1 - (0.02 * attempt));
            var (x, y) = Place(circles, radius);
            circles.Add((x, y, radius));
            var (colour, contrast) = ground.Colour(k, preset.NumClasses, draw.Chance(preset.OwnHueShare), x, y, radius, ref draw);
            colours.Add(colour);
            var name = MarkShapes.Names[k];
            var turn = draw.Between(-1, 1) * MarkShapes.MaxTurn(name);
            var outline = MarkShapes.Outline(name).Select(contour => MarkShapes.Turn(contour, turn)).ToArray();
            var grown = Grow(outline, x * Samples, y * Samples, radius * Samples);
            PolygonFill.Fill(owners, side * Samples, grown, (byte)(colours.Count - 1));
            Array.Clear(whole);
            PolygonFill.Fill(whole, side * Samples, grown, 1);
            placed.Add((k, radius, contrast, whole.AsSpan().Count((byte)1)));
        }

        for (var m = 0; m < placed.Count; m++)
        {
            var mark = Measure(owners, (byte)(first + m), placed[m].Class, placed[m].Radius, placed[m].Contrast);
            if (mark.Area * Samples * Samples < 0.6 * placed[m].Whole && attempt < MaxAttempts)
            {
                return false;
            }

            Marks.Add(mark);
        }

        Blend(owners, colours, ground);
        return true;
    }

    private List<int> Copies(IReadOnlySet<int> classes)
    {
        var marks = classes.ToList();
        foreach (var k in classes)
        {
            for (var copies = draw.NextDouble(); copies < 0.28 && marks.Count < MaxMarks; copies = draw.NextDouble())
            {
                marks.Add(k);
            }
        }

        var order = marks.ToArray();
        draw.Shuffle(order); // or late classes would always lie on top
        return [.. order];
    }

    private double Radius()
    {
        var u = draw.NextDouble();
        var range = u < preset.Small.Share ? preset.Small : u < preset.Small.Share + preset.Medium.Share ? preset.Medium : preset.Large;
        return draw.Between(range.From, range.To);
    }

    // The freest of forty places: the first without any overlap, else the one with the least.
    private (double X, double Y) Place(List<(double X, double Y, double R)> circles, double radius)
    {
        var (bestX, bestY, best) = (0.0, 0.0, double.NegativeInfinity);
        var margin = radius + 0.5;
        for (var i = 0; i < 40 && best < 0; i++)
        {
            var (x, y) = (draw.Between(margin, side - margin), draw.Between(margin, side - margin));
            var gap = double.PositiveInfinity;
            foreach (var circle in circles)
            {
                var distance = Math.Sqrt(((x - circle.X) * (x - circle.X)) + ((y - circle.Y) * (y - circle.Y)));
                gap = Math.Min(gap, distance - circle.R - radius);
            }

            if (gap > best)
            {
                (bestX, bestY, best) = (x, y, gap);
            }
        }

        return (bestX, bestY);
    }

    private Mark Measure(byte[] owners, byte owner, int k, double radius, double contrast)
    {
        var (wide, count) = (side * Samples, 0);
        var (left, top, right, bottom) = (wide, wide, 0, 0);
        for (var y = 0; y < wide; y++)
        {
            var row = owners.AsSpan(y * wide, wide);
            if (row.IndexOf(owner) is var x and >= 0)
            {
                count += row.Count(owner);
                (left, right) = (Math.Min(left, x), Math.Max(right, row.LastIndexOf(owner) + 1));
                (top, bottom) = (Math.Min(top, y), y + 1);
            }
        }

        const double Scale = 1.0 / Samples;
        return count == 0
            ? new Mark(k, radius, 0, 0, 0, 0, 0, contrast)
            : new Mark(k, radius, count * Scale * Scale, left * Scale, top * Scale, (right - left) * Scale, (bottom - top) * Scale, contrast);
    }

    private void Blend(byte[] owners, List<(double R, double G, double B)> colours, MarksGround ground)
    {
        for (var y = 0; y < side; y++)
        {
            for (var x = 0; x < side; x++)
            {
                var (r, g, b) = (0.0, 0.0, 0.0);
                for (var s = 0; s < Samples * Samples; s++)
                {
                    var owner = owners[(((y * Samples) + (s / Samples)) * side * Samples) + (x * Samples) + (s % Samples)];
                    var colour = owner == 0 ? ground.At(x, y) : colours[owner];
                    (r, g, b) = (r + colour.R, g + colour.G, b + colour.B);
                }

                var noise = draw.Between(-6, 6);
                var at = ((y * side) + x) * 3;
                Pixels[at] = Level((r / (Samples * Samples)) + noise);
                Pixels[at + 1] = Level((g / (Samples * Samples)) + noise);
                Pixels[at + 2] = Level((b / (Samples * Samples)) + noise);
            }
        }
    }

    private static byte Level(double value) => (byte)Math.Clamp((int)Math.Floor(value + 0.5), 0, 255);

    private static (double X, double Y)[][] Grow((double X, double Y)[][] contours, double x, double y, double scale) =>
        Array.ConvertAll(contours, contour => Array.ConvertAll(contour, p => (x + (p.X * scale), y + (p.Y * scale))));
}
