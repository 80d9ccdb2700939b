using static TorchSharp.torch;

namespace MlTr.Model.Losses;

/// <summary>
/// The losses of the paper, section 3.5, each one value per image [B]. Logits are [B, K]; targets [B, K] are 1 present, 0 absent, -1 unknown
/// (left out of every sum).
/// </summary>
public static class MultiLabelLosses
{
    private const double SmallestProbability = 1e-8;

    /// <summary>Asymmetric loss (Eqs. 14 to 16, with max(p - m, 0) where Eq. 16 prints p - m): [B].</summary>
    /// <param name="logits">[B, K].</param>
    /// <param name="targets">[B, K].</param>
    /// <param name="gammaPos">Exponent of the focus on present classes.</param>
    /// <param name="gammaNeg">Exponent of the focus on absent classes.</param>
    /// <param name="clip">Probability m below which an absent class costs nothing.</param>
    /// <param name="detachFocus">Whether the focusing factors are constants for the gradient, as the ancestors train.</param>
    /// <param name="smoothing">Label smoothing e, 0 to below 1: a label counts as its opposite to the share e / 2.</param>
    public static Tensor Asymmetric(Tensor logits, Tensor targets, double gammaPos = 0, double gammaNeg = 4, double clip = 0.05, bool detachFocus = true, double smoothing = 0)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(targets);
        using var scope = NewDisposeScope();
        var (present, absent) = Masks(targets, smoothing);
        var p = logits.to(ScalarType.Float32).sigmoid();
        var shifted = clip > 0 ? p.sub(clip).clamp_min(0) : p;
        var ifPresent = p.clamp_min(SmallestProbability).log().mul(present);
        var ifAbsent = shifted.neg().add(1).clamp_min(SmallestProbability).log().mul(absent);
        if (gammaPos != 0)
        {
            ifPresent = ifPresent.mul(Focus(p.neg().add(1), gammaPos, detachFocus));
        }

        if (gammaNeg != 0)
        {
            ifAbsent = ifAbsent.mul(Focus(shifted, gammaNeg, detachFocus));
        }

        return ifPresent.add(ifAbsent).sum(-1).neg().MoveToOuterDisposeScope();
    }

    /// <summary>Focal loss: both kinds of labels with the same exponent, differentiated through, no margin: [B].</summary>
    public static Tensor Focal(Tensor logits, Tensor targets, double gamma = 2, double smoothing = 0) =>
        Asymmetric(logits, targets, gamma, gamma, clip: 0, detachFocus: false, smoothing);

    /// <summary>Binary cross entropy summed over the classes (Eq. 12, signs corrected): [B].</summary>
    public static Tensor BinaryCrossEntropy(Tensor logits, Tensor targets, double smoothing = 0)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(targets);
        using var scope = NewDisposeScope();
        var (present, absent) = Masks(targets, smoothing);
        var x = logits.to(ScalarType.Float32);
        var each = nn.functional.softplus(x.neg(), 1, 50).mul(present).add(nn.functional.softplus(x, 1, 50).mul(absent));
        return each.sum(-1).MoveToOuterDisposeScope();
    }

    /// <summary>Object-aware token loss (Eq. 17): how unlikely the count head finds the number of present classes: [B].</summary>
    /// <param name="countLogits">[B, K + 1].</param>
    /// <param name="targets">[B, K].</param>
    public static Tensor ObjectToken(Tensor countLogits, Tensor targets)
    {
        ArgumentNullException.ThrowIfNull(countLogits);
        ArgumentNullException.ThrowIfNull(targets);
        using var scope = NewDisposeScope();
        var present = targets.eq(1).sum(-1, type: ScalarType.Int64).unsqueeze(-1);
        return nn.functional.log_softmax(countLogits.to(ScalarType.Float32), -1).gather(-1, present).squeeze(-1).neg().MoveToOuterDisposeScope();
    }

    private static (Tensor Present, Tensor Absent) Masks(Tensor targets, double smoothing)
    {
        var (present, absent) = (targets.eq(1).to(ScalarType.Float32), targets.eq(0).to(ScalarType.Float32));
        return smoothing == 0
            ? (present, absent)
            : (present.mul(1 - (smoothing / 2)).add(absent.mul(smoothing / 2)), absent.mul(1 - (smoothing / 2)).add(present.mul(smoothing / 2)));
    }

    private static Tensor Focus(Tensor basis, double gamma, bool detached)
    {
        using var noGradient = detached ? no_grad() : null;

        // Below 1 the power's slope at 0 is infinite, and times 0 no number.
        return (gamma < 1 ? basis.clamp_min(SmallestProbability) : basis).pow(gamma);
    }
}
