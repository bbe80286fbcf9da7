/// How long a test waits for what has to come.
public enum Patience {
    /// No bound on speed: a machine that runs ten other tests and a build beside this one gets here too. What has not come by then never does.
    public static let usual = Duration.seconds(180)
}
