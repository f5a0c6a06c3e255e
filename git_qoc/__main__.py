from git_qoc.cli.entry import main

main()
