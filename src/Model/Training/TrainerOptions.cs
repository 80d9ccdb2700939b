namespace MlTr.Model.Training;

/// <summary>What the classes are trained with.</summary>
public enum LossKind
{
    /// <summary>Asymmetric loss (Eqs. 14 to 16), the paper's.</summary>
    Asl,

    /// <summary>Binary cross entropy (Eq. 12).</summary>
    Bce,

    /// <summary>Focal loss.</summary>
    Focal,
}

/// <summary>Number format of matrix products in training.</summary>
public enum Precision
{
    /// <summary>Single precision.</summary>
    Fp32,

    /// <summary>bfloat16 products; attention logits, softmax, norms, heads and losses stay in single precision.</summary>
    Bf16,

    /// <summary>As <see cref="Bf16"/> with float16 products; the loss is scaled so that small gradients survive, and steps that overflow are skipped.</summary>
    Fp16,
}

/// <summary>Everything a training run depends on besides its data (paper, section 4.1).</summary>
public sealed record TrainerOptions
{
    /// <summary>The network.</summary>
    public required MlTrConfig Config { get; init; }

    /// <summary>Passes over the training pictures; the paper makes 200.</summary>
    public int Passes { get; init; } = 10;

    /// <summary>Pictures in a step.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Peak of the one-cycle schedule. 1e-4 is the paper's for 200 passes; short runs from scratch want about 2e-3.</summary>
    public double LearningRate { get; init; } = 1e-4;

    /// <summary>Decoupled weight decay of the matrices.</summary>
    public double WeightDecay { get; init; } = 1e-4;

    /// <summary>Decay of Adam's second moment; that of the first follows the one-cycle schedule.</summary>
    public double AdamBeta2 { get; init; } = 0.999;

    /// <summary>Adam's epsilon, added to the root of the second moment.</summary>
    public double AdamEpsilon { get; init; } = 1e-8;

    /// <summary>Share of the steps that climb to the peak.</summary>
    public double WarmupShare { get; init; } = 0.2;

    /// <summary>The learning rate starts at its peak divided by this.</summary>
    public double StartDivisor { get; init; } = 25;

    /// <summary>The learning rate ends at its start divided by this.</summary>
    public double EndDivisor { get; init; } = 1e4;

    /// <summary>
    /// Parts in which a step's pictures go through the network, their gradients summed: memory for one part only, and the result of the whole batch
    /// up to rounding, unless paths are dropped: each part draws its own, so that another number of parts drops other paths.
    /// </summary>
    public int AccumulationParts { get; init; } = 1;

    /// <summary>Alpha of mixup: a picture is blended with another of its batch, with a share from Beta(alpha, alpha), and so are their losses; 0 for none.</summary>
    public double MixupAlpha { get; init; }

    /// <summary>Label smoothing e: a label counts as its opposite to the share e / 2; 0 for none. The token loss keeps the true count.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Decay of the averaged weights; 0 keeps no average.</summary>
    public double EmaDecay { get; init; } = 0.9997;

    /// <summary>Largest 2-norm of all gradients together; 0 leaves them as they are.</summary>
    public double GradientClip { get; init; }

    /// <summary>Which loss the classes are trained with.</summary>
    public LossKind Loss { get; init; } = LossKind.Asl;

    /// <summary>Focus of the asymmetric loss on absent classes.</summary>
    public double GammaNeg { get; init; } = 4;

    /// <summary>Focus of the asymmetric loss on present classes.</summary>
    public double GammaPos { get; init; }

    /// <summary>Probability margin m of the asymmetric loss.</summary>
    public double Clip { get; init; } = 0.05;

    /// <summary>Whether the focusing factors are constants for the gradient.</summary>
    public bool DetachFocus { get; init; } = true;

    /// <summary>Exponent of the focal loss.</summary>
    public double FocalGamma { get; init; } = 2;

    /// <summary>Weight of the object-aware token loss (Eq. 18).</summary>
    public double OtlWeight { get; init; } = 1;

    /// <summary>Every draw of the run derives from this.</summary>
    public int Seed { get; init; }

    /// <summary>"cpu" or "cuda:0", "cuda:1", ...</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>CPU threads; another number gives other last bits.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Number format of matrix products.</summary>
    public Precision Precision { get; init; } = Precision.Fp32;

    /// <summary>Side of the square pictures in pixels; 0 takes the network's own.</summary>
    public int ImageSize { get; init; }

    /// <summary>Evaluation after every so many passes, and after the last; 0 evaluates after the last only.</summary>
    public int EvaluateEveryPasses { get; init; } = 1;

    /// <summary>Pictures in an evaluation batch.</summary>
    public int EvaluationBatchSize { get; init; } = 64;

    /// <summary>Checkpoint after every so many passes, besides the one after the last; 0 for none.</summary>
    public int CheckpointEveryPasses { get; init; } = 1;

    /// <summary>Checkpoint when the last one is older than so many seconds; 0 for never.</summary>
    public double CheckpointEverySeconds { get; init; }

    /// <summary>How many of the newest checkpoints stay on the disk; the best always does.</summary>
    public int KeepLastCheckpoints { get; init; } = 2;

    /// <summary>Checkpoints after every so many passes are written and stay as well, whatever comes after; 0 for none.</summary>
    public int KeepEveryPasses { get; init; }

    /// <summary>Training points after every so many steps.</summary>
    public int LogEverySteps { get; init; } = 10;

    /// <summary>
    /// Path of a file of weights to start from, safetensors or a PyTorch state dict, of this network or one it descends from (see
    /// <see cref="Checkpoints.WeightMatching"/>); what matched is reported in lines. Null starts from fresh weights.
    /// </summary>
    public string? InitialWeights { get; init; }

    /// <summary>Names of the classes for per-class points; null numbers them.</summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>Side of the pictures the run reads.</summary>
    public int EffectiveImageSize => ImageSize > 0 ? ImageSize : Config.ImageHeight;

    /// <summary>Every reason why these cannot be trained with; empty if they can.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> errors = [.. Config.Validate()];
        Require(Passes >= 1, "There must be at least one pass.");
        Require(BatchSize >= 1, "The batch size must be at least 1.");
        Require(EvaluationBatchSize >= 1, "The evaluation batch size must be at least 1.");
        Require(double.IsFinite(LearningRate) && LearningRate > 0, "The learning rate must be positive.");
        Require(WeightDecay is >= 0 and < 1, "The weight decay must be at least 0 and below 1.");
        Require(AccumulationParts >= 1 && AccumulationParts <= Math.Max(BatchSize, 1), "The accumulation parts must be between 1 and the batch size.");
        Require(MixupAlpha is >= 0 and <= Mixup.LargestAlpha, $"The mixup alpha must be between 0 and {Mixup.LargestAlpha}.");
        Require(LabelSmoothing is >= 0 and < 1, "The label smoothing must be at least 0 and below 1.");
        Require(AdamBeta2 is >= 0 and < 1, "Adam's beta2 must be at least 0 and below 1.");
        Require(AdamEpsilon is > 0 and <= 1, "Adam's epsilon must be above 0 and at most 1.");
        Require(double.IsFinite(StartDivisor) && StartDivisor >= 1 && double.IsFinite(EndDivisor) && EndDivisor >= 1, "The divisors of the learning rate must be at least 1.");
        Require(WarmupShare is >= 0 and <= 1, "The warm-up share must be between 0 and 1.");
        Require(EmaDecay is >= 0 and < 1, "The EMA decay must be at least 0 and below 1.");
        Require(double.IsFinite(GradientClip) && GradientClip >= 0, "The gradient clip must be at least 0.");
        Require(GammaNeg is >= 0 and <= 20 && GammaPos is >= 0 and <= 20 && FocalGamma is >= 0 and <= 20, "The focus exponents must be between 0 and 20.");
        Require(Clip is >= 0 and < 1, "The probability margin must be at least 0 and below 1.");
        Require(double.IsFinite(OtlWeight) && OtlWeight >= 0, "The weight of the token loss must be at least 0.");
        Require(Threads >= 1, "There must be at least one thread.");
        Require(ImageSize >= 0, "The image size must be at least 0.");
        Require(
            ImageSize > 0 || Config.ImageHeight == Config.ImageWidth,
            $"The network is for pictures of {Config.ImageHeight} x {Config.ImageWidth} and training reads squares: make both sides equal, or set the image size.");
        Require(KeepLastCheckpoints >= 1, "At least the last checkpoint must be kept.");
        Require(KeepEveryPasses >= 0, "The passes between kept checkpoints must be at least 0.");
        Require(EvaluateEveryPasses >= 0 && CheckpointEveryPasses >= 0 && CheckpointEverySeconds >= 0, "The intervals must be at least 0.");
        Require(LogEverySteps >= 1, "Steps between points must be at least 1.");
        Require(IsDevice(Device), $"'{Device}' is no device; use cpu or cuda:0.");
        Require(ClassNames is null || ClassNames.Count == Config.NumClasses, $"There must be {Config.NumClasses} class names.");
        return errors;

        void Require(bool holds, string error)
        {
            if (!holds)
            {
                errors.Add(error);
            }
        }
    }

    internal string ClassName(int k) => ClassNames is null ? k.ToString(System.Globalization.CultureInfo.InvariantCulture) : ClassNames[k];

    private static bool IsDevice(string name) => name == "cpu" || name == "cuda"
        || (name.StartsWith("cuda:", StringComparison.Ordinal) && byte.TryParse(name.AsSpan(5), out _));
}
