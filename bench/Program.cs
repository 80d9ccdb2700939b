using MlTr.Bench;

return args switch
{
    ["golden", var folder] => GoldenVerb.Run(folder),
    ["model"] => ModelVerb.Run(),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        Usage: dotnet run -c Release --project bench -- VERB

          golden FOLDER   compares the library with a folder of golden files: golden.json, weights.safetensors, io.safetensors
          model           parameters and cost of every variant beside the paper's; speed of training, decoding and metrics on this machine
        """);
    return 2;
}
