using MudBlazor.Utilities;
using Palette = MlTr.Dashboard.Shared.Palette;

namespace MlTr.Dashboard.Features.Accounts;

/// <summary>The theme's colours for a page without the theme's provider, which needs a connection to know which of the two palettes counts.</summary>
internal static class PlainPalette
{
    public static string Css { get; } = $"{Rule(":root", Palette.Theme.PaletteLight)}{Rule("[data-theme=\"dark\"]", Palette.Theme.PaletteDark)}";

    private static string Rule(string selector, MudBlazor.Palette palette)
    {
        (string Name, MudColor Color)[] colors =
        [
            ("primary", palette.Primary), ("primary-text", palette.PrimaryContrastText), ("surface", palette.Surface), ("lines-default", palette.LinesDefault),
            ("text-primary", palette.TextPrimary), ("text-secondary", palette.TextSecondary),
        ];
        return $"{selector}{{{string.Concat(colors.Select(color => $"--mud-palette-{color.Name}:{color.Color.ToString(MudColorOutputFormats.RGBA)};"))}}}";
    }
}
