namespace MlTr.Model.Data.Marks;

/// <summary>The outlines of all marks, in units of the radius, y downwards. A second contour is a hole (even-odd rule).</summary>
internal static class MarkShapes
{
    public static readonly string[] Names =
    [
        "disc", "ring", "square", "diamond", "triangle", "arrowhead", "star5", "star6", "plus", "cross", "crescent", "heart",
        "pentagon", "hexagon", "ellipse", "drop", "hourglass", "bolt", "halfdisc", "arrow",
    ];

    /// <summary>Classes that are easily taken for one another.</summary>
    public static readonly (string A, string B)[] LookAlikes =
    [
        ("disc", "ring"), ("square", "diamond"), ("triangle", "arrowhead"), ("star5", "star6"), ("plus", "cross"),
        ("pentagon", "hexagon"), ("ellipse", "drop"), ("hourglass", "bolt"),
    ];

    /// <summary>A plus turned by 22.5 degrees is halfway to a cross, so these two turn less.</summary>
    public static double MaxTurn(string name) => name is "plus" or "cross" ? 14 : 25;

    public static (double X, double Y)[][] Outline(string name) => name switch
    {
        "disc" => [Regular(48)],
        "ring" => [Regular(48), Scale(Regular(48), 0.58, 0.58)],
        "square" => [Scale(Regular(4, 45), 1, 1)],
        "diamond" => [[(0, -1), (0.6, 0), (0, 1), (-0.6, 0)]],
        "triangle" => [[(0, -1), (0.87, 0.72), (-0.87, 0.72)]],
        "arrowhead" => [[(0, -1), (0.87, 0.8), (0, 0.22), (-0.87, 0.8)]],
        "star5" => [Star(5, 0.42)],
        "star6" => [Star(6, 0.55)],
        "plus" => [Plus(0.3)],
        "cross" => [Turn(Plus(0.3), 45)],
        "crescent" => [Crescent()],
        "heart" => [Heart()],
        "pentagon" => [Regular(5)],
        "hexagon" => [Regular(6)],
        "ellipse" => [Scale(Regular(48), 0.58, 1)],
        "drop" => [Drop()],
        "hourglass" => [[(-0.75, -1), (0.75, -1), (0.15, 0), (0.75, 1), (-0.75, 1), (-0.15, 0)]],
        "bolt" => [[(0.35, -1), (-0.6, 0.15), (-0.05, 0.15), (-0.35, 1), (0.6, -0.15), (0.05, -0.15)]],
        "halfdisc" => [HalfDisc()],
        "arrow" => [[(0, -1), (0.8, -0.1), (0.3, -0.1), (0.3, 1), (-0.3, 1), (-0.3, -0.1), (-0.8, -0.1)]],
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "no such mark"),
    };

    public static (double X, double Y)[] Turn((double X, double Y)[] points, double degrees)
    {
        var (sin, cos) = Math.SinCos(degrees * Math.PI / 180);
        return Array.ConvertAll(points, p => ((p.X * cos) - (p.Y * sin), (p.X * sin) + (p.Y * cos)));
    }

    private static (double X, double Y) At(double degrees, double radius = 1)
    {
        var (sin, cos) = Math.SinCos(degrees * Math.PI / 180);
        return (sin * radius, -cos * radius);
    }

    private static (double X, double Y)[] Regular(int corners, double start = 0) =>
        [.. Enumerable.Range(0, corners).Select(i => At(start + (360.0 * i / corners)))];

    private static (double X, double Y)[] Star(int points, double inner) =>
        [.. Enumerable.Range(0, 2 * points).Select(i => At(180.0 * i / points, i % 2 == 0 ? 1 : inner))];

    private static (double X, double Y)[] Scale((double X, double Y)[] points, double x, double y) =>
        Array.ConvertAll(points, p => (p.X * x, p.Y * y));

    private static (double X, double Y)[] Plus(double a) =>
        [(-a, -1), (a, -1), (a, -a), (1, -a), (1, a), (a, a), (a, 1), (-a, 1), (-a, a), (-1, a), (-1, -a), (-a, -a)];

    // The outer arc goes round the left; the inner one comes back along a circle moved to the right.
    private static (double X, double Y)[] Crescent() =>
    [
        .. Enumerable.Range(0, 37).Select(i => At(30 - (6.6667 * i), 1)),
        .. Enumerable.Range(0, 25).Select(i => At(205 + (5.4167 * i), 0.78)).Select(p => (p.X + 0.42, p.Y)),
    ];

    private static (double X, double Y)[] Heart() =>
    [
        .. Enumerable.Range(0, 40).Select(i =>
        {
            var (sin, cos) = Math.SinCos(2 * Math.PI * i / 40);
            var cos2 = (2 * cos * cos) - 1;
            var cos3 = cos * ((2 * cos2) - 1);
            var cos4 = (2 * cos2 * cos2) - 1;
            return (sin * sin * sin * 0.95, -((13 * cos) - (5 * cos2) - (2 * cos3) - cos4) / 17.5);
        }),
    ];

    private static (double X, double Y)[] Drop() =>
        [(0, -1), .. Enumerable.Range(0, 33).Select(i => At(65 + (230.0 * i / 32), 0.6)).Select(p => (p.X, p.Y + 0.4))];

    private static (double X, double Y)[] HalfDisc() =>
        [.. Enumerable.Range(0, 25).Select(i => At(-90 + (7.5 * i))).Select(p => (p.X, p.Y + 0.45))];
}
