using MudBlazor;

namespace MlTr.Dashboard.Shared;

/// <summary>Colours that stay apart for every kind of sight (Okabe and Ito, 2008), and the theme made of them.</summary>
internal static class Palette
{
    private static readonly string[] Curves = ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#8C8C8C", "#C9B800"];

    // The same hues, light enough for a dark ground.
    private static readonly string[] DarkCurves = ["#4C9BE8", "#E69F00", "#1FBF92", "#F07A3C", "#DB90BE", "#8FD3FF", "#A8A8A8", "#DCCB2E"];

    private static readonly (int R, int G, int B)[] Viridis = [(68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37)];

    private static readonly string[] Font =
        ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "Liberation Sans", "sans-serif"];

    public static MudTheme Theme { get; } = new()
    {
        PaletteLight = new PaletteLight
        {
            Primary = "#0067a3",
            Secondary = "#b35300",
            Background = "#f6f7f9",
            Surface = "#ffffff",
            AppbarBackground = "#ffffff",
            AppbarText = "#1d2733",
            DrawerBackground = "#ffffff",
            DrawerText = "#1d2733",
            TextPrimary = "#1d2733",
            TextSecondary = "#56606c",
            Error = "#b3261e",
            Success = "#007a5a",
            Warning = "#9a6700",
            LinesDefault = "#dfe3e8",
            TableLines = "#e8ebef",
        },
        PaletteDark = new PaletteDark
        {
            Primary = "#6cbcf0",
            PrimaryContrastText = "#0b1720",
            Secondary = "#f0a860",
            Background = "#14181d",
            Surface = "#1c2229",
            AppbarBackground = "#1c2229",
            AppbarText = "#e4e8ed",
            DrawerBackground = "#1c2229",
            DrawerText = "#e4e8ed",
            DrawerIcon = "#aab4bf",
            TextPrimary = "#e4e8ed",
            TextSecondary = "#a3adb8",
            Error = "#ff8a80",
            Success = "#4fd1a5",
            Warning = "#ffc861",
            LinesDefault = "#323a44",
            TableLines = "#2b323b",
        },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = Font },
            Button = new ButtonTypography { FontFamily = Font, TextTransform = "none", FontWeight = "600" },
        },
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "8px" },
    };

    public static string Curve(int index, bool dark) => (dark ? DarkCurves : Curves)[index % Curves.Length];

    /// <summary>The colours of a chart's text and of its lines.</summary>
    public static (string Text, string Grid) Ink(bool dark) => dark ? ("#a3adb8", "#2b323b") : ("#56606c", "#e8ebef");

    /// <summary>A colour of Viridis, which grows evenly lighter and stays apart for every kind of sight: 0 dark blue, 1 yellow.</summary>
    public static string Shade(double share)
    {
        var (r, g, b) = At(share);
        return FormattableString.Invariant($"rgb({r},{g},{b})");
    }

    /// <summary>Black or white, whichever stands out more from that colour: at least 4.5 to 1 (WCAG 2.2, 1.4.3).</summary>
    public static string InkOn(double share)
    {
        var (r, g, b) = At(share);
        return (0.2126 * Linear(r)) + (0.7152 * Linear(g)) + (0.0722 * Linear(b)) > 0.179 ? "#000000" : "#ffffff";

        static double Linear(int value) => value <= 10 ? value / 255.0 / 12.92 : Math.Pow(((value / 255.0) + 0.055) / 1.055, 2.4);
    }

    private static (int R, int G, int B) At(double share)
    {
        var place = Math.Clamp(double.IsFinite(share) ? share : 0, 0, 1) * (Viridis.Length - 1);
        var low = (int)Math.Min(Math.Floor(place), Viridis.Length - 2);
        var part = place - low;
        var (from, to) = (Viridis[low], Viridis[low + 1]);
        return (Mix(from.R, to.R), Mix(from.G, to.G), Mix(from.B, to.B));

        int Mix(int a, int b) => (int)Math.Round(a + (part * (b - a)));
    }

    /// <summary>After the eight colours, the dashes change, so that sixteen trials still differ.</summary>
    public static string Dash(int index) => (index / Curves.Length % 3) switch
    {
        0 => "solid",
        1 => "dash",
        _ => "dot",
    };
}
