using System.Collections.Immutable;
using MlTr.Abstractions.Sweeps;
using MlTr.Model;
using MlTr.Model.Data.Loading;
using MlTr.Model.Training;

namespace MlTr.Silo.Trials;

/// <summary>From a trial's configuration to the trainer's options: one line for each hyper-parameter of the catalogue.</summary>
internal static class TrainerSettings
{
    public static TrainerOptions Map(ImmutableSortedDictionary<string, ParameterValue> values, IReadOnlyList<string> classes, string device, int threads)
    {
        double Number(string name) => values[name].AsFloat;
        int Whole(string name) => checked((int)values[name].AsInt);
        bool Truth(string name) => values[name].AsBool;
        string Name(string name) => values[name].AsText;

        var named = MlTrConfig.Named(Name("variant"), classes.Count);
        var config = named with
        {
            ArcScale = Number("arc_scale"),
            DropPathRate = Number("drop_path_rate") is >= 0 and var rate ? rate : named.DropPathRate,
            RelativePositionBias = Truth("relative_position_bias"),
            Shift = Truth("shift"),
            CrossWindow = Truth("cross_window"),
            ArcSigmoid = Truth("arc_sigmoid"),
            ObjectToken = Truth("object_token"),
            CrossWindowPosition = Enum.Parse<CrossWindowPosition>(Name("cross_window_position"), ignoreCase: true),
            FanInInitialization = Name("initialization") == "fan_in",
        };
        return new TrainerOptions
        {
            Config = config,
            LearningRate = Number("learning_rate"),
            Passes = Whole("passes"),
            BatchSize = Whole("batch_size"),
            WeightDecay = Number("weight_decay"),
            WarmupShare = Number("warmup_share"),
            EmaDecay = Number("ema_decay"),
            GradientClip = Number("gradient_clip"),
            Loss = Enum.Parse<LossKind>(Name("loss"), ignoreCase: true),
            GammaNeg = Number("gamma_negative"),
            GammaPos = Number("gamma_positive"),
            Clip = Number("asl_margin"),
            OtlWeight = Number("token_loss_weight"),
            AccumulationParts = Whole("accumulation_parts"),
            MixupAlpha = Number("mixup_alpha"),
            LabelSmoothing = Number("label_smoothing"),
            FocalGamma = Number("focal_gamma"),
            DetachFocus = Truth("detach_focus"),
            AdamBeta2 = Number("adam_beta2"),
            AdamEpsilon = Number("adam_epsilon"),
            StartDivisor = Number("start_divisor"),
            EndDivisor = Number("end_divisor"),
            Precision = Enum.Parse<Precision>(Name("precision"), ignoreCase: true),
            ImageSize = Whole("image_size"),
            Seed = Whole("seed"),
            Device = device,
            Threads = threads,
            CheckpointEverySeconds = 15,
            KeepLastCheckpoints = Whole("keep_last_checkpoints"),
            KeepEveryPasses = Whole("keep_every_passes"),
            LogEverySteps = 5,
            ClassNames = classes,
        };
    }

    public static BatchSourceOptions Source(ImmutableSortedDictionary<string, ParameterValue> values) => new()
    {
        Seed = (ulong)values["seed"].AsInt,
        Augmentations = AugmentationNames.Parse(values["augmentation"].AsText),
        CutoutSize = values["cutout_size"].AsFloat,
        RandAugmentOperations = checked((int)values["randaugment_operations"].AsInt),
        RandAugmentLevel = checked((int)values["randaugment_level"].AsInt),
    };
}
