using System.Globalization;
using System.Text.RegularExpressions;

namespace MlTr.Model.Checkpoints;

/// <summary>From the names of the networks that MlTr descends from to its own; their shapes are the same.</summary>
internal static partial class WeightNames
{
    private static readonly string[] Wrappers = ["module.", "model.", "backbone."];

    /// <summary>Removes what wrappers such as DataParallel put in front of every name.</summary>
    public static string CommonPrefix(IReadOnlyCollection<string> names)
    {
        var prefix = "";
        while (names.Count > 0 && Array.Find(Wrappers, wrapper => names.All(name => name.StartsWith(prefix + wrapper, StringComparison.Ordinal))) is { } found)
        {
            prefix += found;
        }

        return prefix;
    }

    public static WeightLayout LayoutOf(IReadOnlyCollection<string> names) =>
        names.Any(name => CatBlock().IsMatch(name)) ? WeightLayout.Cat
        : names.Any(name => SwinBlock().IsMatch(name)) ? WeightLayout.Swin
        : WeightLayout.MlTr;

    /// <summary>Whether the tensor is left out: what is computed anyway, and the head of an ancestor, whose classes are others.</summary>
    public static bool IsLeftOut(string name, WeightLayout layout) =>
        name.EndsWith("relative_position_index", StringComparison.Ordinal)
        || name.EndsWith("attn_mask", StringComparison.Ordinal)
        || (layout != WeightLayout.MlTr && name.StartsWith("head.", StringComparison.Ordinal));

    /// <summary>Our name for a tensor of the file; the same name where there is none.</summary>
    /// <param name="name">The name in the file.</param>
    /// <param name="layout">Whose names the file has.</param>
    /// <param name="downsampleFirst">Newer timm: the space-to-depth layer stands at the start of the stage after.</param>
    public static string ToOurs(string name, WeightLayout layout, bool downsampleFirst)
    {
        if (layout == WeightLayout.MlTr)
        {
            return name;
        }

        if (Downsample().Match(name) is { Success: true } between)
        {
            return $"stages.{Number(between, "stage") - (downsampleFirst ? 1 : 0)}.downsample.{between.Groups["rest"].Value}";
        }

        if (layout == WeightLayout.Cat && CatBlock().Match(name) is { Success: true } cat)
        {
            var layer = cat.Groups["kind"].Value switch
            {
                "pre_ipsa" => "pixel",
                "post_ipsa" => "shifted",
                _ => "cross",
            };
            return $"stages.{cat.Groups["stage"].Value}.blocks.{cat.Groups["block"].Value}.{layer}.{cat.Groups["rest"].Value}";
        }

        if (SwinBlock().Match(name) is { Success: true } swin)
        {
            var block = Number(swin, "block");
            return $"stages.{swin.Groups["stage"].Value}.blocks.{block / 2}.{(block % 2 == 0 ? "pixel" : "shifted")}.{swin.Groups["rest"].Value}";
        }

        return name;
    }

    /// <summary>Whether the file's space-to-depth layers stand at the start of a stage instead of at the end.</summary>
    public static bool DownsampleFirst(IEnumerable<string> names)
    {
        var stages = names.Select(name => Downsample().Match(name)).Where(match => match.Success).Select(match => Number(match, "stage")).ToHashSet();
        return stages.Count > 0 && !stages.Contains(0);
    }

    private static int Number(Match match, string group) =>
        int.TryParse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : int.MaxValue;

    [GeneratedRegex(@"^layers\.(?<stage>\d)\.blocks\.(?<block>\d{1,3})\.(?<rest>.+)$")]
    private static partial Regex SwinBlock();

    [GeneratedRegex(@"^layers\.(?<stage>\d)\.(?<kind>pre_ipsa|post_ipsa|cpsa)_blocks\.(?<block>\d{1,3})\.(?<rest>.+)$")]
    private static partial Regex CatBlock();

    [GeneratedRegex(@"^layers\.(?<stage>\d)\.downsample\.(?<rest>.+)$")]
    private static partial Regex Downsample();
}
