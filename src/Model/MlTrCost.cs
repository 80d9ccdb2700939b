namespace MlTr.Model;

/// <summary>Multiply-accumulates for one image (paper, Eqs. 7 and 9), part by part; softmax, norms and activations are not counted.</summary>
/// <param name="Embed">Patch embedding.</param>
/// <param name="Pixel">Pixel attention, projections included, the object token as one more token.</param>
/// <param name="Cross">Cross-window attention, projections included.</param>
/// <param name="Mlp">All MLPs.</param>
/// <param name="Downsample">Space-to-depth.</param>
/// <param name="Head">Both heads.</param>
public sealed record MlTrCost(long Embed, long Pixel, long Cross, long Mlp, long Downsample, long Head)
{
    /// <summary>All parts together.</summary>
    public long Total => Embed + Pixel + Cross + Mlp + Downsample + Head;

    /// <summary>The cost of a network at the image size it is built for.</summary>
    public static MlTrCost Of(MlTrConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var plan = config.Plan();
        var patch = (long)config.PatchSize * config.PatchSize * 3;
        var cost = new MlTrCost((long)plan[0].Height * plan[0].Width * patch * config.EmbedDim, 0, 0, 0, 0, 0);
        foreach (var stage in plan)
        {
            long d = stage.Channels, pixels = (long)stage.Height * stage.Width, inWindow = (long)stage.Window * stage.Window;
            var token = stage.Index == 3 && config.ObjectToken ? 1 : 0;
            var attended = stage.Windows * (inWindow + token);
            var layers = stage.Cross ? 3 : 2;

            // The token costs nothing in a cross-window layer, which passes it by.
            var mlp = 2 * config.MlpRatio * d * d * (layers * pixels + 2L * token);
            var pixel = 2 * (4 * attended * d * d + 2 * (inWindow + token) * attended * d);
            var cross = stage.Cross ? 4 * stage.Windows * inWindow * inWindow * d + 2L * stage.Windows * stage.Windows * inWindow * d : 0;
            var down = stage.Index < 3 ? 8L * ((stage.Height + 1) / 2) * ((stage.Width + 1) / 2) * d * d : 0;
            cost = cost with
            {
                Pixel = cost.Pixel + stage.Depth * pixel,
                Cross = cost.Cross + stage.Depth * cross,
                Mlp = cost.Mlp + stage.Depth * mlp,
                Downsample = cost.Downsample + down,
            };
        }

        long classes = config.NumClasses, counts = config.ObjectToken ? classes + 1 : 0;
        return cost with { Head = config.FeatureDim * (classes + counts) };
    }
}
