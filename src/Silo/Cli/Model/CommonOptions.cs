using MlTr.Model.Data.Loading;
using MlTr.Model.Inspection;
using MlTr.Silo.Hosting;

namespace MlTr.Silo.Cli.Model;

/// <summary>Options that several verbs have.</summary>
internal static class CommonOptions
{
    public static readonly VerbOption Device = new("--device", "NAME", "where to compute", "cpu, cuda:0, cuda:1, ..", "cpu");
    public static readonly VerbOption Threads = new("--threads", "N", "CPU threads; another number gives other last bits", "1..1024", "all cores");
    public static readonly VerbOption Model = new("--model", "FOLDER", "what train wrote (its best checkpoint is taken), or one checkpoint in it");
    public static readonly VerbOption Raw = new("--raw", "", "take the raw weights even where their average did better on the validation set");
    public static readonly VerbOption BatchSize = new("--batch-size", "N", "pictures computed at once", "1..4096", "32");
    public static readonly VerbOption Split = new("--split", "SPLIT", "the split to read", Default: "test of voc, else validation or val or test");

    /// <summary>A trained network and the labelled split to read.</summary>
    public static readonly IReadOnlyList<VerbOption> NetworkAndData = [Model, Raw, DatasetOptions.Data, DatasetOptions.Format, Split];

    /// <summary>Where and how predictions are computed.</summary>
    public static readonly (string Title, IReadOnlyList<VerbOption> Options) Machine = ("Machine", [Device, Threads, BatchSize]);

    /// <summary>Pictures as they are; bad ones are told of, not counted as an error.</summary>
    public static readonly BatchSourceOptions Plain = new() { Augmentations = Augmentations.None, MaxBadShare = 1 };

    public static int ThreadsOf(VerbArguments arguments) => arguments.Whole(Threads.Name, Environment.ProcessorCount, 1, 1024);

    public static int BatchSizeOf(VerbArguments arguments) => arguments.Whole(BatchSize.Name, 32, 1, 4096);

    public static Predictor Load(VerbArguments arguments)
    {
        var folder = arguments.Need(Model.Name, "the folder that train wrote");
        var device = arguments[Device.Name] ?? "cpu";
        if (device != "cpu" && !TorchSharp.torch.cuda.is_available())
        {
            throw new PlatformException($"Device {device} is unavailable: this build of libtorch sees no CUDA device.");
        }

        TorchSharp.torch.set_num_threads(ThreadsOf(arguments));
        return Predictor.FromCheckpoint(folder, averaged: arguments.Has(Raw.Name) ? false : null, device);
    }
}
